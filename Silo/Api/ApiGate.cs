using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.AspNetCore.Http;

namespace Maestro.Api;

/// <summary>Who asks the API: somebody with a session, and the roles that it and the roster of this moment both give.</summary>
internal sealed record ApiCaller(Person Person, Session Session, ImmutableArray<Role> Roles);

/// <summary>Lets in whoever has a session as bearer token and may look. A session without the person's key is good for nothing else.</summary>
internal sealed class ApiGate(ISessions sessions, IDirectory directory, IDenials denials, TimeProvider time)
{
    private const string Bearer = "Bearer ";

    /// <param name="method">What is asked for, one of a few names.</param>
    /// <exception cref="RefusedException"><c>api.session</c> or <c>api.role</c>.</exception>
    public async Task<ApiCaller> AdmitAsync(HttpRequest request, string method)
    {
        var header = request.Headers.Authorization is [{ } given] && given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? given : null;
        var (session, problem) = header is null ? new SessionReading(null, "no session") : await sessions.ReadAsync(header[Bearer.Length..].Trim());
        if (session is null)
        {
            throw Refuse(method, "api.session", "a session of the issuer that the silo trusts, as bearer token", problem,
                "Sign in with 'maestro login'; 'maestro session --token' prints it.");
        }
        if (session.Owner(directory) is not { } person)
        {
            throw Refuse(method, "api.session", "a session of somebody in the roster", "a session of an account that the roster gives to nobody",
                "Ask the holder of the root key for: maestro keys enroll --account ACCOUNT");
        }
        var roles = session.RolesOf(person);
        return roles.Contains(Role.Viewer) ? new(person, session, roles)
            : throw Refuse(method, "api.role", "the role viewer, given by the roster and by the session",
                $"{person.Id} with {(roles.IsEmpty ? "no role" : string.Join(", ", roles.Select(Principal.Name)))}", "Ask an administrator for the role.");
    }

    /// <summary>Notes a refusal for the ledger.</summary>
    public RefusedException Refuse(string method, string code, string expected, string found, string wayOut)
    {
        denials.Note(new Denial(time.GetUtcNow(), code, $"maestro.api/{method}", "api", "", found));
        return new(new Reason(code, "The API tells those who signed in and may look.", expected, found, wayOut));
    }
}
