using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Whether a person's call comes with a session of that person which is good enough for it. The call's own signature binds the session, so one
/// that was stolen is of no use beside another's key, and none without a key.
/// </summary>
public sealed class SessionCheck(ISessions sessions, TimeProvider time)
{
    /// <summary>Where a call carries its session: a key of Orleans' request context.</summary>
    public const string ContextKey = "maestro.session";

    private const string Code = "call.session";
    private const string StepUpCode = "call.step-up";

    /// <summary>What a call token says of the session that it goes with.</summary>
    public static string DigestOf(string session) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(session)));

    /// <param name="bound">The digest of the session that the call's signature covers.</param>
    /// <param name="carried">The session that came along.</param>
    internal async ValueTask<SessionFinding> FindAsync(Person? person, CallSite site, string? bound, string? carried)
    {
        if (bound is null && carried is null)
        {
            return sessions.AreDemanded ? Refused("a call without a session") : default;
        }
        if (carried is null || bound != DigestOf(carried))
        {
            return Refused("a session that the call's key did not sign for");
        }
        var (session, problem) = await sessions.ReadAsync(carried);
        if (session is null)
        {
            return Refused(problem);
        }
        if (person is null || !session.IsOf(person))
        {
            return Refused("a session of somebody else");
        }
        var narrowed = session.RolesOf(person);
        if (!narrowed.Any(site.Admitted.Contains) && person.Roles.Any(site.Admitted.Contains))
        {
            return Refused($"a session of {person.Id} that gives {(narrowed.IsEmpty ? "no role" : string.Join(", ", narrowed))}",
                $"a session with one of {string.Join(", ", site.Admitted)}");
        }
        return site.NeedsStepUp && sessions.StepUp is { } stepUp && stepUp.ProblemOf(session, time.GetUtcNow()) is { } weak
            ? new(null, new(StepUpCode, $"a sign-in with more than one factor in the last {stepUp.Within.TotalMinutes:0} minutes", weak))
            : new(narrowed, null);
    }

    internal static RefusedException Refusal(string method, SessionFault fault) => new(fault.Code == StepUpCode
        ? new Reason(fault.Code, $"{method} needs a sign-in with more than one factor, not long ago.", fault.Expected, fault.Found,
            "Sign in again, with a second factor: maestro login")
        : new Reason(fault.Code, $"{method} needs the person's key and a session of the same person.", fault.Expected, fault.Found,
            "Sign in with 'maestro login'. Whose account it is, the roster says; which roles it gives, the issuer."));

    private static SessionFinding Refused(string found, string expected = "a session of the person who calls, beside the key") =>
        new(null, new(Code, expected, found));
}

/// <summary>What came of a call's session.</summary>
/// <param name="Roles">What the person may do in it; null where there is none and none is asked for.</param>
internal readonly record struct SessionFinding(ImmutableArray<Role>? Roles, SessionFault? Fault);

/// <summary>Why a call's session is not good enough.</summary>
internal sealed record SessionFault(string Code, string Expected, string Found);

/// <summary>An installation without an issuer: no session is asked for, and none is believed.</summary>
public sealed class NoSessions : ISessions
{
    public bool AreDemanded => false;

    public StepUp? StepUp => null;

    public ValueTask<SessionReading> ReadAsync(string token) => new(new SessionReading(null, "a session, where no issuer is trusted"));
}
