using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Rows;

namespace Maestro.Identity;

/// <summary>
/// Says of every call who makes it, signed where it leaves this silo: a grain's as the role its class names with
/// <see cref="ActsAsAttribute"/>, all other code's as the role of its <see cref="CallerScope"/>. The chain is extended by the verified caller,
/// so timers and reminders begin a new one.
/// </summary>
/// <param name="standing">The role that code outside of grains and scopes acts as.</param>
public sealed class OutgoingIdentity(
    IKeyring keyring, TimeProvider time, StandingRole standing, CallArguments arguments, ICallSeals seals, CalledRoles called, SealedAnswers answers)
    : IOutgoingGrainCallFilter
{
    private readonly ConcurrentDictionary<Type, Role?> _roles = new();
    private readonly ConcurrentDictionary<Role, Signer> _signers = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var (role, behind) = Acting(context.SourceContext);
        if (role is Role.None)
        {
            RequestContext.Remove(CallToken.ContextKey);
            await InvokeAsync(context);
            return;
        }
        Role? callee = CallSite.Of(context).Kind is CallKind.Grain ? called.Of(context.TargetId) : null;
        var stamp = Issue(context, role, behind, callee);
        RequestContext.Set(CallToken.ContextKey, stamp);
        await InvokeAsync(context);
        if (callee is { } answering && stamp.SealedNonce is { } nonce)
        {
            answers.Open(context, answering, role, nonce);
        }
    }

    private static async Task InvokeAsync(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (OrleansException failure) when (RowFaults.MeaningOf(failure) is { } meaning)
        {
            throw meaning;
        }
    }

    private (Role Role, Caller? Behind) Acting(IGrainContext? source)
    {
        if (source?.GrainInstance is { } grain && !source.GrainId.IsClient() && !source.GrainId.IsSystemTarget()
            && _roles.GetOrAdd(grain.GetType(), RoleOf) is { } role)
        {
            return (role, Caller.Current);
        }
        return (CallerScope.Current?.Role ?? standing.Role, CallerScope.Current?.Behind);
    }

    private CallStamp Issue(IOutgoingGrainCallContext context, Role role, Caller? behind, Role? callee)
    {
        ImmutableArray<string> chain = behind is null ? [] : [.. behind.Chain, behind.Principal];
        var key = context.SourceContext?.GrainId.Key.ToString();
        var deployment = DeploymentId.TryParse(key, out var own) ? own.ToString() : behind?.Deployment;
        var site = CallSite.Of(context);
        CallTokens.CheckChain(chain, site.Audience);
        var sign = _signers.GetOrAdd(role, SignerOf);
        return new(
            message => (callee is { } to ? seals.Seal(role, to, message) : null) ?? Base64Url.EncodeToString(sign(message)),
            new(Principal.OfRole(role), site.Audience, context.TargetId, chain, deployment, time.GetUtcNow()), time,
            () => site.Kind is CallKind.Grain ? arguments.DigestOf(context.Request) : null);
    }

    // Signing once shows that this silo has the role's key; without it nothing may be said in its name here either.
    private Signer SignerOf(Role role)
    {
        keyring.Sign(role, "maestro.call/held"u8);
        return message => keyring.Sign(role, message);
    }

    /// <summary>Null for Orleans' own grains, which act as the silo; none, which is admitted nowhere, for one that names no role.</summary>
    private static Role? RoleOf(Type grain) => grain.GetCustomAttribute<ActsAsAttribute>()?.Role
        ?? (grain.Assembly.GetName().Name?.StartsWith("Orleans.", StringComparison.Ordinal) is true ? null : Role.None);
}

/// <summary>The role that a silo's code acts as outside of grains and scopes; one whose key the silo holds.</summary>
public sealed record StandingRole(Role Role);
