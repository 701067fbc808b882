using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Admits a call only if its token is genuine and one of the caller's roles is among those the method names; everything else is refused
/// with <c>call.refused</c>. Orleans' own calls are admitted from within the cluster. What passed is <see cref="Caller.Current"/>.
/// </summary>
public sealed class Admission(IKeyring keyring, IDirectory directory, IDenials denials, TimeProvider time) : IIncomingGrainCallFilter
{
    /// <summary>Tokens are single-use: a call that somebody copied does nothing a second time on the same silo.</summary>
    private readonly NonceMemory _used = new(time, 500_000);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var token = RequestContext.Get(CallToken.ContextKey) as string;
        RequestContext.Remove(CallToken.ContextKey);
        var site = CallSite.Of(context);
        Caller.Enter(site.Kind is CallKind.Grain ? Admit(context, site, token) : null);
        if (site.Kind is CallKind.Plumbing)
        {
            AdmitPlumbing(context, site, token);
        }
        if (site.Kind is CallKind.Enumeration)
        {
            throw Refuse(context, site, "nobody: a method that streams its results hides who may call it", "a call of one");
        }
        await context.Invoke();
    }

    private Caller Admit(IIncomingGrainCallContext context, CallSite site, string? text)
    {
        var needed = site.Admitted.IsEmpty ? "nobody: the method names no caller" : $"one of {string.Join(", ", site.Admitted)}";
        var caller = Verify(context, site, text, needed);
        return caller.Roles.Any(site.Admitted.Contains) && !site.Admitted.Contains(Role.None)
            ? caller
            : throw Refuse(context, site, needed, $"{caller.Principal} with {(caller.Roles.IsEmpty ? "no role" : string.Join(", ", caller.Roles))}");
    }

    private Caller Verify(IIncomingGrainCallContext context, CallSite site, string? text, string needed)
    {
        var now = time.GetUtcNow();
        var token = CallTokens.Verify(text, keyring, site.Audience, context.TargetId.ToString(), now, out var problem);
        if (token is null)
        {
            throw Refuse(context, site, needed, problem ?? "no token");
        }
        if (!_used.TryUse(token.Nonce, DateTimeOffset.FromUnixTimeMilliseconds(token.ExpiresAt)))
        {
            throw Refuse(context, site, needed, $"a token of {token.Subject} that was used before");
        }
        return new Caller(token.Subject, RolesOf(token.Subject), token.Chain, token.Deployment);
    }

    /// <summary>A person's roles are the roster's of this moment, so taking a role away works at once.</summary>
    private ImmutableArray<Role> RolesOf(string subject) => Principal.RoleOf(subject) is { } role
        ? [role]
        : [.. directory.Find(subject)?.Roles.Where(role => Principal.PeopleRoles.Contains(role)) ?? []];

    private void AdmitPlumbing(IIncomingGrainCallContext context, CallSite site, string? text)
    {
        Console.WriteLine($"PLUMB {site.Audience} src={context.SourceId} tgt={context.TargetId} token={text is not null}");
        if (context.SourceId is { } source && source.IsClient())
        {
            throw Refuse(context, site, "only calls from within the cluster", "a client");
        }
    }

    private RefusedException Refuse(IIncomingGrainCallContext context, CallSite site, string needed, string found)
    {
        const string code = "call.refused";
        denials.Note(new Denial(
            time.GetUtcNow(), code, site.Audience, Shown(context.TargetId), context.SourceId is { } source ? Shown(source) : "", found));
        return CallTokens.Refusal(code, site.Audience, needed, found);
    }

    private static string Shown(GrainId id) => new UntrustedText(id.ToString()).Shown();
}
