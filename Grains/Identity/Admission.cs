using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Admits a call only if its token is genuine and one of the caller's roles is among those the method names; everything else is refused
/// with <c>call.refused</c>, and a person's call without the session that is asked for with <c>call.session</c>. Orleans' own calls are admitted from
/// silos. What passed is <see cref="Caller.Current"/>.
/// </summary>
public sealed class Admission(
    IKeyring keyring, IDirectory directory, IDenials denials, TimeProvider time, CallArguments arguments, SessionCheck sessions, ICallSeals seals,
    CalledRoles called, SealedAnswers answers)
    : IIncomingGrainCallFilter
{
    // A silo makes thousands of calls a second, and each token is remembered for its whole minute.
    private const int OfSilo = 1_000_000;
    private const int OfPerson = 100_000;

    /// <summary>Tokens are single-use on a silo. One memory for each caller, so that nobody fills another's.</summary>
    private readonly ConcurrentDictionary<string, NonceMemory> _used = new(StringComparer.Ordinal);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var stamp = RequestContext.Get(CallToken.ContextKey) switch
        {
            CallStamp carried => carried,
            string text => new(text),
            _ => null,
        };
        var session = RequestContext.Get(SessionCheck.ContextKey) as string;
        // Neither goes on with what the grain calls: they are the caller's, for this call.
        RequestContext.Remove(CallToken.ContextKey);
        RequestContext.Remove(SessionCheck.ContextKey);
        var site = CallSite.Of(context);
        Caller.Enter(null);
        AnswerTo? asked = null;
        switch (site.Kind)
        {
            case CallKind.Grain:
                (var caller, asked) = await AdmitAsync(context, site, stamp, session);
                Caller.Enter(caller);
                break;
            case CallKind.Enumeration:
                throw Refuse(context, site, "nobody: a method that streams its results hides who may call it", "a call of one");
            default:
                AdmitPlumbing(context, site, stamp);
                break;
        }
        await context.Invoke();
        if (asked is { } to)
        {
            answers.Seal(context, to.Callee, to.Caller, to.Key, to.Nonce);
        }
    }

    private async ValueTask<(Caller Caller, AnswerTo? Asked)> AdmitAsync(
        IIncomingGrainCallContext context, CallSite site, CallStamp? stamp, string? session)
    {
        var needed = site.Admitted.IsEmpty ? "nobody: the method names no caller" : $"one of {string.Join(", ", site.Admitted)}";
        AnswerTo? asked = null;
        var caller = stamp?.Local is { } local ? Recognize(context, site, stamp, local, needed)
            : await CallerOfAsync(context, site, Verify(context, site, stamp?.Text, needed, out asked), session);
        var roles = string.Join(", ", caller.Roles);
        return caller.Roles.Any(site.Admitted.Contains) && !site.Admitted.Contains(Role.None)
            ? (caller, asked)
            : throw Refuse(context, site, needed, $"{caller.Principal} with {(roles.Length > 0 ? roles : "no role")}");
    }

    // It was made in this process, so nobody else can have said what it says; what is compared is that it is for this call and used once.
    private Caller Recognize(IIncomingGrainCallContext context, CallSite site, CallStamp stamp, LocalCall call, string needed)
    {
        var problem = Mismatch(context, site, call)
            ?? (stamp.TryUse() ? null : $"a call of {call.Subject} that was made before");
        return problem is null
            ? new Caller(call.Subject, RolesOf(call.Subject), call.Chain, call.Deployment)
            : throw Refuse(context, site, needed, problem);
    }

    private string? Mismatch(IIncomingGrainCallContext context, CallSite site, LocalCall call) =>
        call.Audience != site.Audience ? $"a call of {call.Subject} of another method"
        : call.Target != context.TargetId ? $"a call of {call.Subject} to another grain"
        : time.GetUtcNow() - call.IssuedAt > CallToken.LongestLife ? $"an expired call of {call.Subject}"
        : null;

    private CallToken Verify(IIncomingGrainCallContext context, CallSite site, string? text, string needed, out AnswerTo? asked)
    {
        var now = time.GetUtcNow();
        (Role From, Role To, string? Key) seal = default;
        var token = CallTokens.Verify(text, keyring, site.Audience, context.TargetId.ToString(), now, out var problem, (from, message, sealing) =>
        {
            seal = called.Of(context.TargetId) is { } to ? (from, to, seals.SenderOf(sealing, from, to, message)) : default;
            return seal.Key is not null;
        });
        asked = token is not null && seal.Key is { } key ? new(seal.To, seal.From, key, token.Nonce) : null;
        if (token is null)
        {
            throw Refuse(context, site, needed, problem ?? "no token");
        }
        if (token.Arguments != arguments.DigestOf(context.Request))
        {
            throw Refuse(context, site, needed, $"a token of {token.Subject} for other arguments");
        }
        var used = _used.GetOrAdd(
            token.Subject, subject => new NonceMemory(time, Principal.RoleOf(subject) is null ? OfPerson : OfSilo));
        if (!used.TryUse(token.Nonce, DateTimeOffset.FromUnixTimeMilliseconds(token.ExpiresAt)))
        {
            throw Refuse(context, site, needed, $"a token of {token.Subject} that was used before");
        }
        return token;
    }

    // A session only narrows: what it gives beyond the roster counts for nothing.
    private async ValueTask<Caller> CallerOfAsync(IIncomingGrainCallContext context, CallSite site, CallToken token, string? session)
    {
        var caller = new Caller(token.Subject, RolesOf(token.Subject), token.Chain, token.Deployment);
        if (Principal.RoleOf(token.Subject) is not null)
        {
            return caller;
        }
        var (roles, fault) = await sessions.FindAsync(directory.Find(token.Subject), site, token.Session, session);
        if (fault is not null)
        {
            Note(context, site, fault.Code, $"{token.Subject} with {fault.Found}");
            throw SessionCheck.Refusal(site.Audience, fault);
        }
        return roles is { } narrowed ? caller with { Roles = narrowed } : caller;
    }

    /// <summary>A person's roles are the roster's of this moment, so taking a role away works at once.</summary>
    private ImmutableArray<Role> RolesOf(string subject) => Principal.RoleOf(subject) is { } role
        ? [role]
        : [.. directory.Find(subject)?.Roles.Where(role => Principal.PeopleRoles.Contains(role)) ?? []];

    /// <summary>
    /// Every call of a silo is signed, Orleans' own too, except timers, which an activation sends to itself. Where a call comes from by
    /// Orleans' routing is the sender's word, so it admits nothing.
    /// </summary>
    private void AdmitPlumbing(IIncomingGrainCallContext context, CallSite site, CallStamp? stamp)
    {
        var itself = site.Kind is CallKind.Timer && context.SourceId == context.TargetId;
        if (itself || site.Kind is CallKind.ForClients)
        {
            return;
        }
        // Only a silo's code makes stamps, and Orleans' own calls are repeated where nobody answered in time.
        if (stamp?.Local is { } local && Mismatch(context, site, local) is null)
        {
            return;
        }
        var token = CallTokens.Verify(stamp?.Text, keyring, site.Audience, context.TargetId.ToString(), time.GetUtcNow(), out var problem);
        if (token is null || Principal.RoleOf(token.Subject) is null)
        {
            throw Refuse(context, site, "a silo: the call is the cluster's own", problem ?? $"{token!.Subject}, who is no silo");
        }
    }

    private RefusedException Refuse(IIncomingGrainCallContext context, CallSite site, string needed, string found)
    {
        const string code = "call.refused";
        Note(context, site, code, found);
        return CallTokens.Refusal(code, site.Audience, needed, found);
    }

    private void Note(IIncomingGrainCallContext context, CallSite site, string code, string found) => denials.Note(new Denial(
        time.GetUtcNow(), code, site.Audience, Shown(context.TargetId), context.SourceId is { } source ? Shown(source) : "", found));

    private static string Shown(GrainId id) => new UntrustedText(id.ToString()).Shown();

    /// <summary>To whom an answer is sealed.</summary>
    private sealed record AnswerTo(Role Callee, Role Caller, string Key, string Nonce);
}
