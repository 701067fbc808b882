using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Outside;

/// <summary>Runs instances of images. An instance carries its effect's name, serves nobody until the edge sends it traffic, and outlives silos.</summary>
public interface IRuntime
{
    /// <summary>Finds the running instance of this name, or starts it. Answers at once; whether it is healthy is asked separately.</summary>
    /// <exception cref="RefusedException">The image is not kept here, or sandboxing is required and cannot be had.</exception>
    Task<Instance> StartAsync(string name, EnvironmentKey environment, Digest image, RunSettings run, CancellationToken cancellation);

    /// <summary>The instance of this name; null where none runs.</summary>
    Task<Instance?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>Asks the instance to end, waits for it, and ends its process group after the grace period. Stopping nothing is success.</summary>
    Task StopAsync(string name, TimeSpan grace, CancellationToken cancellation);
}

/// <summary>A running process group that listens, or will, at <paramref name="Address"/>.</summary>
/// <param name="Exited">It ended by itself; <paramref name="Tail"/> has the end of what it printed, secrets left out.</param>
/// <param name="Listens">It is this instance that listens at the address; otherwise nobody does, or somebody else.</param>
public sealed record Instance(string Name, Uri Address, bool Exited, bool Listens, string Tail);
