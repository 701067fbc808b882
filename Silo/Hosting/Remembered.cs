using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>What deployments and environments may still ask for, as it was when they were read.</summary>
/// <param name="Open">The deployments that are under way.</param>
/// <param name="Environments">Every environment of every application.</param>
internal sealed record Remembered(ImmutableArray<DeploymentId> Open, ImmutableArray<EnvironmentView> Environments)
{
    /// <summary>The images that an environment serves or may serve again.</summary>
    public IReadOnlySet<Digest> Images => Environments.SelectMany(view => Running(view).Concat(view.Before)).Select(release => release.Image).ToHashSet();

    /// <summary>Every deployment that is open, however long it has waited.</summary>
    public static Task<ImmutableArray<DeploymentId>> ReadOpenAsync(IDeploymentLog log, CancellationToken cancellation) =>
        log.ReadDueAsync(DateTimeOffset.MaxValue, int.MaxValue, cancellation);

    /// <summary>Whether somebody may still ask for the instance of this name.</summary>
    public bool Keeps(string name) =>
        Environments.SelectMany(Running).Any(release => release.Effect == name)
        || Open.Any(deployment => name.StartsWith($"{deployment}/", StringComparison.Ordinal));

    // While somebody holds the lock they may go back to any release of the history, which is then already running or about to be.
    private static IEnumerable<Release> Running(EnvironmentView view) =>
        new[] { view.Live, view.InFlight }.OfType<Release>().Concat(view.LockHolder is null ? [] : view.Before);
}
