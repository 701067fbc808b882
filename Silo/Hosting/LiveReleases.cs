using Maestro.Applications;
using Maestro.Cluster;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Keeps what is live alive: the edge is started again when it is gone, and so is a live release whose process ended, as after a reboot of
/// the machine. It changes no decision: the same effect serves under the same token.
/// </summary>
internal sealed partial class LiveReleases(
    IGrainFactory grains, IRuntime runtime, IEdge edge, EdgeClient client, IHealthProbe probe, IDuties duties, Custodian custodian, TimeProvider time,
    ILogger<LiveReleases> logger)
    : Rounds(Role.Deployment, Pace, time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly RestartPace _restarts = new(time);

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (await duties.HoldsAsync("live releases", cancellation))
        {
            await KeepAllAsync(cancellation);
        }
    }

    private async Task KeepAllAsync(CancellationToken cancellation)
    {
        var applications = (await grains.GetGrain<IApplicationsGrain>("applications/all").ListAsync()).Applications;
        if (!applications.IsEmpty)
        {
            await client.PingAsync(cancellation);
        }
        foreach (var application in applications)
        {
            await KeepOrTellAsync(application, application.Staging, cancellation);
            await KeepOrTellAsync(application, application.Production, cancellation);
        }
    }

    private async Task KeepAsync(Application application, EnvironmentSettings settings, CancellationToken cancellation)
    {
        var key = new EnvironmentKey(application.Name, settings.Name);
        var view = await grains.GetGrain<IEnvironmentGrain>(key.ToString()).GetAsync();
        // While somebody holds the lock the release is theirs to start and stop.
        if (view.Live is not { } live || view.LockHolder is not null)
        {
            return;
        }
        var route = await edge.ReadAsync(key, cancellation);
        var instance = await runtime.FindAsync(live.Effect, cancellation);
        if (instance is { Exited: false })
        {
            _restarts.NoteRunning(key);
            if (route.Address == instance.Address)
            {
                return;
            }
        }
        if (instance is not { Exited: false })
        {
            if (!_restarts.IsDue(key, live.Effect))
            {
                return;
            }
            LogRevived(live.Effect, key.ToString());
            if (_restarts.Note(key, live.Effect))
            {
                LogKeepsEnding(live.Effect, key.ToString(), RestartPace.Longest);
            }
            instance = await runtime.StartAsync(live.Effect, key, live.Image, live.Run, cancellation);
        }
        if (!instance.Listens || !(await probe.CheckAsync(instance.Address, live.Run.Health, cancellation)).Healthy)
        {
            return;
        }
        if (!DeploymentId.TryParse(live.Deployment, out var deployment))
        {
            return;
        }
        var lending = await custodian.AskAsync(key, new(deployment, live.Attempt, Stage.Promote, view.Token, LeaseWay.Keep));
        if (lending.Waiting is { } missing)
        {
            LogNotKept(application.Name, settings.Name, missing);
            return;
        }
        // Starting takes seconds, in which somebody may have released something else: the edge compares with what was live then.
        await edge.SwitchAsync(key, settings.Port, view.Token, live.Effect, live.Effect, instance.Address, lending.Lease, cancellation);
    }

    private async Task KeepOrTellAsync(Application application, EnvironmentSettings settings, CancellationToken cancellation)
    {
        try
        {
            await KeepAsync(application, settings, cancellation);
        }
        catch (Exception refused) when (refused is RefusedException or OutsideException)
        {
            LogNotKept(application.Name, settings.Name, refused.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What is live in {Environment} of {Application} does not run and is tried again: {Why}")]
    private partial void LogNotKept(string application, string environment, string why);

    [LoggerMessage(LogLevel.Warning, "{Effect} was live in {Environment} and did not run; it is started again")]
    private partial void LogRevived(string effect, string environment);

    [LoggerMessage(LogLevel.Error, "{Effect} is live in {Environment} and keeps ending; it is started again later and later, at least every {Longest}")]
    private partial void LogKeepsEnding(string effect, string environment, TimeSpan longest);

    [LoggerMessage(LogLevel.Warning, "Keeping the live releases alive failed and is tried again in a second")]
    private partial void LogFailed(Exception failure);
}
