using System.Collections.Immutable;
using Maestro.Environments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Instances, an edge and health that are as a test says.</summary>
internal sealed class StagePlace : IRuntime, IEdge, IHealthProbe
{
    public Route Served { get; set; } = new(null, null, 0);

    public int UnderWay { get; set; }

    public bool Healthy { get; set; }

    public List<string> Stopped { get; } = [];

    public Task<Instance> StartAsync(string name, EnvironmentKey environment, Digest image, RunSettings run, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<Instance?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult<Instance?>(null);

    public Task StopAsync(string name, TimeSpan grace, CancellationToken cancellation)
    {
        Stopped.Add(name);
        return Task.CompletedTask;
    }

    public Task<Route> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) => Task.FromResult(Served);

    public Task<Route> SwitchAsync(
        EnvironmentKey environment, int port, long token, string? expected, string? target, Uri? address, Envelope? lease,
        CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<int> InFlightAsync(EnvironmentKey environment, string effect, CancellationToken cancellation) => Task.FromResult(UnderWay);

    public Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation) =>
        Task.FromResult(new Health(Healthy, Healthy ? "" : "no answer"));
}
