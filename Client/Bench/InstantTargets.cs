using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Bench;

/// <summary>Infrastructure in which nothing ever changes.</summary>
internal sealed class InstantInfrastructure : IInfrastructure
{
    private static readonly InfrastructureState State = new("lineage", 1, [], []);

    public Task<InfrastructurePlan> PlanAsync(
        EnvironmentKey environment, ImmutableDictionary<string, byte[]> declaration, CancellationToken cancellation) =>
        Task.FromResult(new InfrastructurePlan("{}"u8.ToArray(), State.Lineage, State.Serial, []));

    public Task<InfrastructureState> ApplyAsync(
        EnvironmentKey environment, ReadOnlyMemory<byte> plan, string effect, long token, Envelope? lease, CancellationToken cancellation) =>
        Task.FromResult(State);

    public Task<InfrastructureState> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) => Task.FromResult(State);
}

/// <summary>Instances that are there as soon as they are named.</summary>
internal sealed class InstantRuntime : IRuntime
{
    private readonly ConcurrentDictionary<string, Instance> _running = [];

    public Task<Instance> StartAsync(string name, EnvironmentKey environment, Digest image, RunSettings run, CancellationToken cancellation) =>
        Task.FromResult(_running.GetOrAdd(name, made => new(made, new("http://127.0.0.1:1"), false, true, "")));

    public Task<Instance?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult(_running.GetValueOrDefault(name));

    public Task StopAsync(string name, TimeSpan grace, CancellationToken cancellation)
    {
        _running.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}

/// <summary>An edge that only remembers; it fences as the real one does.</summary>
internal sealed class InstantEdge : IEdge
{
    private readonly ConcurrentDictionary<EnvironmentKey, Route> _routes = [];

    public Task<Route> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) =>
        Task.FromResult(_routes.GetValueOrDefault(environment) ?? new(null, null, 0));

    public Task<Route> SwitchAsync(
        EnvironmentKey environment, int port, long token, string? expected, string? target, Uri? address, Envelope? lease,
        CancellationToken cancellation) =>
        Task.FromResult(_routes.AddOrUpdate(environment, _ => new(target, address, token), (_, route) =>
            token >= route.Token && (route.Effect == expected || route.Effect == target) ? new(target, address, token) : throw new RefusedException(
                new Reason("edge.fenced", "The newest token switches.", $"{expected} under {route.Token}", $"{route.Effect} under {token}", "Look again."))));

    public Task<int> InFlightAsync(EnvironmentKey environment, string effect, CancellationToken cancellation) => Task.FromResult(0);
}
