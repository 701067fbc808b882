using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Outside;

/// <summary>What serves users: it owns the environments' ports and switches between releases under a fencing token. It outlives silos.</summary>
public interface IEdge
{
    /// <summary>What the environment serves now; a null <see cref="Route.Effect"/> where it serves nothing.</summary>
    Task<Route> ReadAsync(EnvironmentKey environment, CancellationToken cancellation);

    /// <summary>
    /// Sends the environment's traffic to another instance, if it serves <paramref name="expected"/> now and no higher token was seen.
    /// Serving <paramref name="target"/> already is success. Requests under way at the old one go on.
    /// </summary>
    /// <param name="expected">The effect that must be serving now; null for nothing.</param>
    /// <param name="target">The effect that shall serve; null with a null address to serve nothing.</param>
    /// <param name="lease">Custody's lease for exactly this; staging needs none.</param>
    /// <exception cref="RefusedException">
    /// The token is old, something else is served, or the lease is not for this: with what was expected and found.
    /// </exception>
    Task<Route> SwitchAsync(
        EnvironmentKey environment, int port, long token, string? expected, string? target, Uri? address, Envelope? lease,
        CancellationToken cancellation);

    /// <summary>How many requests are still under way at an instance that no longer gets new ones.</summary>
    Task<int> InFlightAsync(EnvironmentKey environment, string effect, CancellationToken cancellation);
}

/// <summary>Where an environment's traffic goes.</summary>
/// <param name="SwitchedAt">When it was last sent somewhere else; null where that is not known.</param>
public sealed record Route(string? Effect, Uri? Address, long Token, DateTimeOffset? SwitchedAt = null);
