using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Outside.Infrastructure;

/// <summary>Where the local engine keeps its worlds, and how long an apply waits for another one.</summary>
internal sealed record LocalInfrastructureOptions(string Root)
{
    public TimeSpan LockWithin { get; init; } = TimeSpan.FromSeconds(30);

    public DeclarationLimits Limits { get; init; } = new();
}

/// <summary>
/// The embedded engine: directories, files and named ports of each environment, below <c>{root}/{application}/{environment}/</c>.
/// It plans as a document and applies exactly that document, once, under a lock and a fencing token, to production with custody's lease only.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LocalInfrastructure(LocalInfrastructureOptions options, IRegisteredPorts ports, LeaseGate gate, TimeProvider time) : IInfrastructure
{
    private const int LongestEffect = 400;

    /// <summary>Called between the steps of an apply with the step's name; a test throws from here to die at that line.</summary>
    internal Action<string>? Reached { get; init; }

    /// <summary>Whether a plan is fresh.</summary>
    internal Action<PlanDocument, string, (State State, string Digest)?, string, long> Fresh { get; init; } = Freshness.Demand;

    /// <summary>The flag that refuses links.</summary>
    internal int NoFollow { get; init; } = Libc.NoFollow;

    public async Task<InfrastructurePlan> PlanAsync(
        EnvironmentKey environment, ImmutableDictionary<string, byte[]> declaration, CancellationToken cancellation)
    {
        var files = EnvironmentFiles.Of(options.Root, environment);
        var allowed = await ports.ReadAsync(environment, cancellation);
        return await Task.Run(
            () =>
            {
                var declared = Declaration.Read(environment.Environment, declaration, allowed, options.Limits);
                var known = new StateFile(environment, files).Read();
                var changes = new Difference(WorldOf(environment), known?.State.Owned ?? [], options.Limits).Changes(declared);
                var document = new PlanDocument(
                    PlanDocument.CurrentVersion, environment.Application, environment.Environment, known?.State.Lineage ?? "",
                    known?.State.Serial ?? 0, known?.Digest ?? "", declared, changes);
                return new InfrastructurePlan(
                    CanonicalJson.Write(document), document.Lineage, document.Serial, [.. changes.Select(change => change.Shown())]);
            },
            cancellation);
    }

    public async Task<InfrastructureState> ApplyAsync(
        EnvironmentKey environment, ReadOnlyMemory<byte> plan, string effect, long token, Envelope? lease, CancellationToken cancellation)
    {
        var files = EnvironmentFiles.Of(options.Root, environment);
        if (effect.Length is 0 or > LongestEffect || !ResourceRules.IsText(effect))
        {
            throw Refusals.PlanMalformed("an effect's name that is empty, too long, or no text");
        }
        gate.Demand(lease, new ApplyUse(environment.ToString(), effect, Digest.Of(plan.Span), token));
        var allowed = await ports.ReadAsync(environment, cancellation);
        var document = PlanDocument.Read(environment, plan.Span, allowed, options.Limits);
        await using var held = await EnvironmentLock.AcquireAsync(files.Lock, options.LockWithin, time, cancellation);
        // Once it has begun it runs to its end: half an apply helps nobody.
        return await Task.Run(() => Apply(environment, files, document, Digest.Of(plan.Span).Hex, effect, token), CancellationToken.None);
    }

    public Task<InfrastructureState> ReadAsync(EnvironmentKey environment, CancellationToken cancellation)
    {
        var files = EnvironmentFiles.Of(options.Root, environment);
        return Task.Run(
            () => new StateFile(environment, files).Read() is var (state, _)
                ? Shown(environment, state)
                : new InfrastructureState("", 0, [], []),
            cancellation);
    }

    private InfrastructureState Apply(
        EnvironmentKey environment, EnvironmentFiles files, PlanDocument plan, string digest, string effect, long token)
    {
        var stateFile = new StateFile(environment, files);
        var known = stateFile.Read();
        if (known?.State.Applied.LastOrDefault(applied => applied.Effect == effect) is { } done)
        {
            return done.Plan == digest
                ? new InfrastructureState(known.Value.State.Lineage, done.After, done.Resources, Drift(environment, known.Value.State))
                : throw Refusals.EffectOtherPlan();
        }
        Fresh(plan, digest, known, effect, token);
        var state = known?.State ?? Newborn(environment);
        var intent = new Intent(effect, digest, [.. plan.Resources.Select(resource => resource.Record())]);
        var begun = state.Applying?.Effect == effect ? state with { Token = Math.Max(state.Token, token) } : state.Begin(intent, token);
        var alteration = new Alteration(WorldOf(environment), begun.Resources, plan, options.Limits);
        alteration.DemandOwn();

        Reached?.Invoke("before the intent");
        stateFile.Write(begun, step => Reached?.Invoke($"intent {step}"));
        Carry(alteration, new Journal(files), effect, digest);
        var ended = begun.End(intent);
        stateFile.Write(ended, step => Reached?.Invoke($"end {step}"));
        return Shown(environment, ended);
    }

    private void Carry(Alteration alteration, Journal journal, string effect, string digest)
    {
        foreach (var change in alteration.Steps)
        {
            Reached?.Invoke($"before {change.Address}");
            var outcome = alteration.Carry(change);
            Reached?.Invoke($"after {change.Address}");
            try
            {
                journal.Append(new(effect, digest, change.Action, change.Address, outcome));
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw Refusals.Disk($"cannot write the journal: {refused.Message}", refused);
            }
            Reached?.Invoke($"journalled {change.Address}");
        }
    }

    private static State Newborn(EnvironmentKey environment) => new(
        State.CurrentVersion, environment.Application, environment.Environment,
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), 0, 0, [], []);

    private InfrastructureState Shown(EnvironmentKey environment, State state) =>
        new(state.Lineage, state.Serial, [.. state.Resources.Select(resource => resource.Address)], Drift(environment, state));

    private ImmutableArray<string> Drift(EnvironmentKey environment, State state)
    {
        var drift = new Difference(WorldOf(environment), state.Resources, options.Limits).Drift();
        return state.Applying is { } open ? drift.Add($"The apply '{Refusals.Shown(open.Effect)}' has begun and not ended.") : drift;
    }

    private World WorldOf(EnvironmentKey environment) => new(options.Root, environment, NoFollow);
}
