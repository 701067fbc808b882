using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Cluster;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Notices pushes to local repositories, which call nobody: a moved head opens a new attempt, and so does a moved base while one is under way.
/// It looks at the newest deployments every second and at the others in turn, so its work does not grow with history.
/// </summary>
internal sealed partial class PushWatch(
    IGrainFactory grains, IDeploymentLog log, IGitHost git, IDuties duties, TimeProvider time, ILogger<PushWatch> logger)
    : Rounds(Role.Gateway, Pace, time)
{
    private const int Newest = 50;
    private const int Others = 150;
    private const int MostRefused = 4096;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly ImmutableHashSet<string> UnderWay = [Statuses.Running, Statuses.WaitingForPeople, Statuses.GoingBack, Statuses.Parked];
    private static readonly ImmutableHashSet<string> Done = [Statuses.Name(Outcome.Finished)];
    private readonly HeadRounds _rounds = new(log, Newest, Others);
    private readonly Dictionary<DeploymentId, (int Attempt, bool Moved)> _refused = [];

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (!await duties.HoldsAsync("pushes", cancellation))
        {
            return;
        }
        foreach (var head in await _rounds.NextAsync(cancellation))
        {
            await LookAsync(head, cancellation);
        }
    }

    private async Task LookAsync(Head head, CancellationToken cancellation)
    {
        if (Done.Contains(head.Status) || await grains.GetGrain<IApplicationsGrain>("applications/all").FindAsync(head.Application) is not { } application)
        {
            return;
        }
        try
        {
            var tips = await git.ReadTipsAsync(application, head.Deployment.Number, cancellation);
            var moved = tips.Head is not null
                && (tips.Head != head.HeadCommit || (tips.Base != head.BaseCommit && (UnderWay.Contains(head.Status) || await EndedOnItAsync(head))));
            if (tips.IsOpen && moved)
            {
                var change = await git.ReadAsync(application, head.Deployment.Number, cancellation);
                await grains.GetGrain<IDeploymentGrain>(head.Deployment.ToString()).OpenAsync(change);
            }
        }
        catch (RefusedException refusal)
        {
            LogRefused(head.Deployment.ToString(), refusal.Reason.Code);
        }
        catch (OutsideException broken)
        {
            LogRefused(head.Deployment.ToString(), broken.Reason.Code);
        }
    }

    // The attempt may have found the moved base before this watch did. How it ended is asked once for each attempt.
    private async Task<bool> EndedOnItAsync(Head head)
    {
        if (head.Status != Statuses.Name(Outcome.Refused))
        {
            _refused.Remove(head.Deployment);
            return false;
        }
        if (!_refused.TryGetValue(head.Deployment, out var known) || known.Attempt != head.Attempt)
        {
            if (_refused.Count >= MostRefused)
            {
                // It only saves asking again.
                _refused.Clear();
            }
            var view = await grains.GetGrain<IDeploymentGrain>(head.Deployment.ToString()).GetAsync();
            known = _refused[head.Deployment] = (head.Attempt, view?.Code == Codes.BaseMoved);
        }
        return known.Moved;
    }

    [LoggerMessage(LogLevel.Warning, "Looking for pushes failed and is tried again in a second")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(LogLevel.Debug, "{Deployment} moved and cannot be opened: {Code}")]
    private partial void LogRefused(string deployment, string code);
}
