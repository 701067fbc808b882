using System.Collections.Immutable;

namespace Maestro.Outside.Processes;

/// <summary>Where instances run.</summary>
/// <param name="Folder">Holds <c>instances</c> and <c>state</c>.</param>
/// <param name="Images">The folder of the workshop, which has the images.</param>
/// <param name="Unsandboxed">An administrator trusts every image.</param>
/// <param name="Hidden">The data folder: an instance sees its own state and nothing else of it.</param>
internal sealed record RuntimeOptions(string Folder, string Images, bool Unsandboxed, string Hidden)
{
    /// <summary>The folder of an environment's infrastructure, which its instances may use; null where it has none.</summary>
    public Func<EnvironmentKey, string?> Infrastructure { get; init; } = _ => null;

    /// <summary>Loopback ports that are never given to an instance, such as those of the edge.</summary>
    public ImmutableHashSet<int> ReservedPorts { get; init; } = [];

    /// <summary>The length in bytes at which a log is cut.</summary>
    public long LogBytes { get; init; } = 1 << 20;

    public ImageLimits Limits { get; init; } = ImageLimits.Default;
}
