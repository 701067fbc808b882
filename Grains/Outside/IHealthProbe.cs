using System.Collections.Immutable;
using Maestro.Environments;

namespace Maestro.Outside;

/// <summary>Asks an address whether it is well.</summary>
public interface IHealthProbe
{
    /// <summary>Makes every check once. No answer, a slow answer or a wrong one is unhealthy, never an exception.</summary>
    Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation);
}

/// <param name="Found">What was wrong, in words fit to be shown; empty where all is well.</param>
public sealed record Health(bool Healthy, string Found);
