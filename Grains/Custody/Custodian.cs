using Maestro.Applications;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>Asks custody for the lease that production's adapters demand. Staging needs none.</summary>
public sealed class Custodian(IGrainFactory grains, IPresence presence)
{
    private const string NobodyThere = "a silo with the role custody";

    /// <summary>How long until it is seen again whether custody is there.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <exception cref="Deployments.RefusedException">Custody found a difference.</exception>
    /// <exception cref="OutsideException">Custody could not find out.</exception>
    public async Task<Lending> AskAsync(EnvironmentKey environment, LeaseRequest request)
    {
        if (environment.Environment == EnvironmentSettings.StagingName)
        {
            return new(null, null);
        }
        return presence.HasSiloWith(Role.Custody)
            ? new(await grains.GetGrain<ICustodyGrain>(KeyOf(environment)).LeaseAsync(request), null)
            : new(null, NobodyThere);
    }

    public static string KeyOf(EnvironmentKey environment) => $"custody/{environment.Application}/{environment.Environment}";
}

/// <param name="Lease">Null where none is needed, or none can be had yet.</param>
/// <param name="Waiting">What is waited for; null where nothing is.</param>
public sealed record Lending(Envelope? Lease, string? Waiting);
