using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>Guards the wakers: a reminder looks every minute for deployments that should long have been woken. The key is <c>guard/wakers</c>.</summary>
[Alias("maestro.IGuardGrain")]
public interface IGuardGrain : IGrainWithStringKey
{
    /// <summary>Registers the reminder; registering it again is success.</summary>
    [Admits(Role.Control), Alias("StandAsync")]
    Task StandAsync();
}

/// <inheritdoc cref="IGuardGrain"/>
[ActsAs(Role.Control), GrainType("guard")]
internal sealed class GuardGrain(IDeploymentLog log, TimeProvider time) : Grain, IGuardGrain, IRemindable
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(30);

    public Task StandAsync() => this.RegisterOrUpdateReminder("wakers", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        foreach (var deployment in await log.ReadDueAsync(time.GetUtcNow() - Overdue, AtOnce, CancellationToken.None))
        {
            await GrainFactory.GetGrain<IDeploymentGrain>(deployment.ToString()).WakeAsync();
        }
    }
}
