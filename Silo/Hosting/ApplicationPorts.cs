using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Outside;
using Maestro.Outside.Infrastructure;

namespace Maestro.Hosting;

/// <summary>The ports that an administrator registered with the application.</summary>
internal sealed class ApplicationPorts(IGrainFactory grains) : IRegisteredPorts
{
    public async Task<ImmutableArray<int>> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) =>
        await grains.GetGrain<IApplicationsGrain>("applications/all").FindAsync(environment.Application) is { } application
            ? [application.Environment(environment.Environment).Port]
            : [];
}
