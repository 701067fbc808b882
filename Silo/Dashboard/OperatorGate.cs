using System.Collections.Concurrent;
using System.Security.Cryptography;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Dashboard;

/// <summary>Whether a request may see the dashboard.</summary>
internal interface IDashboardGate
{
    /// <summary>Answers the request itself and returns false where it may not go on.</summary>
    Task<bool> AdmitAsync(HttpContext context);

    /// <summary>Adds what the gate needs to the dashboard's server.</summary>
    void Prepare(IServiceCollection services)
    {
    }

    /// <summary>Puts before everything else what the gate needs there.</summary>
    void Use(WebApplication server)
    {
    }
}

/// <summary>
/// Admits operators only, by the roster of this moment: with a signed token as bearer, or in a browser that came in with one, which is then
/// used up. Requests under another name than loopback's are turned away, so that no other page can speak for the browser.
/// </summary>
internal sealed class OperatorGate(IKeyring keyring, IDirectory directory, SiloFile silo, TimeProvider time) : IDashboardGate
{
    public const string EnterPath = "/enter";
    private const string Cookie = "maestro-dashboard";
    private const string Bearer = "Bearer ";
    private const int MaxSessions = 100;

    /// <summary>After this a browser needs a new token.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (string Person, DateTimeOffset Until)> _sessions = new(StringComparer.Ordinal);
    private readonly NonceMemory _entered = new(time, 1000);

    public async Task<bool> AdmitAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var problem = context.Request.Host.Host is "127.0.0.1" or "localhost" ? null : "a request for another host";
        if (problem is null && HttpMethods.IsGet(context.Request.Method) && context.Request.Path == EnterPath)
        {
            problem = Enter(context);
            if (problem is null)
            {
                context.Response.Redirect("/");
                return false;
            }
        }
        else
        {
            problem ??= FindProblem(context.Request);
        }
        if (problem is not null)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"The dashboard is for operators: {problem}. Come in with: maestro dashboard\n");
        }
        return problem is null;
    }

    private string? Enter(HttpContext context)
    {
        var token = DashboardTokens.Verify(context.Request.Query["token"], keyring, silo.ClusterId, time.GetUtcNow(), out var problem);
        problem = token is null ? problem ?? "no token"
            : !IsSre(token.Subject) ? NoSre
            : !_entered.TryUse(token.Nonce, DateTimeOffset.FromUnixTimeMilliseconds(token.ExpiresAt)) ? "a token that was used before"
            : null;
        if (problem is null)
        {
            var session = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
            Forget();
            _sessions[session] = (token!.Subject, time.GetUtcNow() + SessionLife);
            context.Response.Cookies.Append(Cookie, session, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                MaxAge = SessionLife,
                Path = "/",
                IsEssential = true,
            });
        }
        return problem;
    }

    private string? FindProblem(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString() is { } header && header.StartsWith(Bearer, StringComparison.Ordinal))
        {
            var token = DashboardTokens.Verify(header[Bearer.Length..], keyring, silo.ClusterId, time.GetUtcNow(), out var problem);
            return token is null ? problem ?? "no token" : IsSre(token.Subject) ? null : NoSre;
        }
        return !_sessions.TryGetValue(request.Cookies[Cookie] ?? "", out var session) || session.Until <= time.GetUtcNow() ? "no token"
            : IsSre(session.Person) ? null
            : NoSre;
    }

    private const string NoSre = "somebody without the role sre";

    // The roster's word of this moment, so that taking the role away works at once.
    private bool IsSre(string subject) => Principal.RoleOf(subject) is null && directory.Find(subject)?.Roles.Contains(Role.Sre) is true;

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (session, (_, until)) in _sessions)
        {
            if (until <= now || _sessions.Count >= MaxSessions)
            {
                _sessions.TryRemove(session, out _);
            }
        }
    }
}
