using Microsoft.Extensions.Hosting;

namespace Maestro.Edge;

/// <summary>Leaves signals alone: the edge's process ends its servers itself, in order.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
