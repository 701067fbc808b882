using System.Globalization;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>A wish to send an environment's traffic elsewhere, and what is served now.</summary>
public sealed record SwitchUse(
    string Environment, int Port, long Token, string? Served, Uri? ServedAt, int ServedPort, string? Target, Uri? Address);

/// <summary>A wish to apply a plan to an environment.</summary>
public sealed record ApplyUse(string Environment, string Effect, Digest Plan, long Token);

/// <summary>
/// Lets nobody touch production without custody's lease for exactly this. It believes the registered key of the custody role and nothing that
/// the caller says.
/// </summary>
/// <param name="keyring">The keys as they are registered now.</param>
public class LeaseGate(Func<IKeyring> keyring, TimeProvider time)
{
    private const string Staging = $"/{EnvironmentSettings.StagingName}";

    /// <summary>Whether the environment is guarded: all but staging are, so that a new kind of environment is guarded from its first day.</summary>
    public static bool Guards(string environment) => !environment.EndsWith(Staging, StringComparison.Ordinal);

    /// <exception cref="RefusedException">The environment is guarded, and the lease is not for this switch.</exception>
    /// <exception cref="OutsideException">The registered keys cannot be read.</exception>
    public virtual void Demand(Envelope? envelope, SwitchUse use)
    {
        if (!Guards(use.Environment))
        {
            return;
        }
        var lease = Open(envelope, use.Environment, use.Token);
        Compare("plan", null, lease.Plan?.Hex);
        Compare("port", Text(use.Port), Text(lease.Port));
        var stays = (use.Target, use.Address, use.Port) == (use.Served, use.ServedAt, use.ServedPort);
        // Taking a higher token for the way back changes nothing that users see.
        if (lease.Way != LeaseWay.Back || !stays)
        {
            Compare("target", use.Target, lease.Target);
        }
        if (lease.Way == LeaseWay.Keep)
        {
            Compare("target", use.Served, lease.Target);
        }
    }

    /// <inheritdoc cref="Demand(Envelope, SwitchUse)"/>
    public virtual void Demand(Envelope? envelope, ApplyUse use)
    {
        if (!Guards(use.Environment))
        {
            return;
        }
        var lease = Open(envelope, use.Environment, use.Token);
        Compare("effect", use.Effect, lease.Effect);
        Compare("way", LeaseWay.Forward.ToString(), lease.Way.ToString());
        Compare("plan", use.Plan.Hex, lease.Plan?.Hex);
    }

    private ProductionLease Open(Envelope? envelope, string environment, long token)
    {
        var lease = envelope is null
            ? throw Refusal("missing", $"a lease for {environment}", "none")
            : Statements.Open<ProductionLease>(keyring(), Role.Custody, envelope, ProductionLease.PredicateType).Predicate;
        Compare("effect", Binding.EffectOf(lease.Deployment, lease.Attempt, lease.Stage), lease.Effect);
        Compare("environment", environment, lease.Environment);
        Compare("token", Text(token), Text(lease.Token));
        var now = time.GetUtcNow();
        if (lease.ExpiresAt - lease.IssuedAt > ProductionLease.LongestLife || lease.IssuedAt > now + MessageCheck.Skew)
        {
            throw Refusal("lifetime", "a lease of at most 15 minutes that has begun", $"{lease.IssuedAt:O} to {lease.ExpiresAt:O}");
        }
        return now < lease.ExpiresAt ? lease : throw Refusal("expired", $"a lease that is good at {now:O}", $"one until {lease.ExpiresAt:O}");
    }

    private static void Compare(string what, string? expected, string? found)
    {
        if (expected != found)
        {
            throw Refusal(what, expected ?? "nothing", found ?? "nothing");
        }
    }

    private static RefusedException Refusal(string what, string expected, string found) => new(new Reason(
        $"lease.{what}", "Production is touched only with a lease of custody for exactly this.", expected, new UntrustedText(found).Shown(120),
        "Nothing needs to be done: whoever may do this asks custody by itself."));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
