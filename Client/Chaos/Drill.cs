using System.Collections.Immutable;
using Maestro.Demo;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>
/// A drill: applications are delivered on a real cluster while the plan's faults strike it, then the same changes once more in peace, and what
/// the targets and the database have recorded is checked.
/// </summary>
internal sealed class Drill(DrillSettings settings, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ResumeWithin = TimeSpan.FromSeconds(60);
    private readonly List<Strike> _strikes = [];
    private volatile bool _dealt;

    public async Task<DrillReport> RunAsync(CancellationToken cancellation)
    {
        var folder = DrillFolder.Create();
        var keep = true;
        try
        {
            var report = await RunAsync(folder, cancellation);
            keep = !report.IsGood;
            return report;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            keep = false;
            throw;
        }
        finally
        {
            if (keep)
            {
                say($"The silos' logs, the journals and the database are kept in {folder.Path}. Delete it after a look.");
            }
            else
            {
                Directory.Delete(folder.Path, recursive: true);
            }
        }
    }

    private async Task<DrillReport> RunAsync(DrillFolder folder, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        var striker = new Striker(folder, time);
        var journals = new TargetJournals(folder);
        using var webhooks = new DrillWebhooks(folder, settings.Silos, time);
        await using var cluster = new DrillCluster(folder, webhooks, striker.WatcherOf, time);
        await cluster.StartAsync(cancellation);
        await using var database = new DrillDatabase(cluster.Postgres, time);
        await cluster.UntilWholeAsync(database, cancellation);
        using var people = await DemoPeople.EnrolAsync(folder.Data, cancellation);
        await using var console = new DrillConsole(folder.Data, people, time);
        var faults = new Faults(cluster, database, settings, time);
        striker.Carry = faults.CarryAsync;
        say($"{settings.Silos} silos answer; the seed is {settings.Seed}.");

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var approving = console.ApproveAsync(over.Token);
        var plan = new StrikePlan(settings);
        var stormy = Applications("storm", folder, new(console, webhooks), database);
        var striking = StrikeAsync(plan, striker, new(faults, database, journals), over.Token);
        var delivering = Task.WhenAll(stormy.Select(application => DeliverAsync(application, () => !_dealt, cancellation)));
        try
        {
            await delivering;
        }
        catch
        {
            // The faults would wait for work that nobody brings any more.
            await over.CancelAsync();
            throw;
        }
        await striking;
        say($"{_strikes.Count(strike => strike.IsKill)} kills are done; the same changes follow in peace.");
        var calm = Applications("calm", folder, new(console, webhooks), database);
        var rounds = stormy.Select(application => application.Results.Count).ToImmutableArray();
        var dead = await database.DeadAsync();
        await Burn.WhileAsync(
            settings.BurnFor,
            Task.WhenAll(calm.Select((application, place) => DeliverAsync(application, () => application.Results.Count < rounds[place], cancellation))), time);
        var evicted = await database.DeadAsync() - dead;
        var history = await new HistoryReader(journals, database, time).ReadAsync([.. stormy], [.. calm], webhooks.Acknowledged, cancellation);
        await over.CancelAsync();
        await approving;
        return new(settings.Seed, time.GetElapsedTime(begun), plan.Planned, [.. _strikes], history, HistoryChecks.Run(history), evicted);
    }

    private ImmutableArray<DrillApplication> Applications(string kind, DrillFolder folder, DrillSenders senders, DrillDatabase database) =>
    [
        .. Enumerable.Range(0, settings.Applications)
            .Select(place => new DrillApplication(FormattableString.Invariant($"{kind}-{place}"), place, folder, senders, database, time)),
    ];

    private async Task DeliverAsync(DrillApplication application, Func<bool> more, CancellationToken cancellation)
    {
        await application.CreateAsync(cancellation);
        do
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var limit = new CancellationTokenSource(settings.Patience, time);
            await using var stop = limit.Token.Register(patience.Cancel);
            try
            {
                await application.DeliverAsync(application.Results.Count, patience.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                // The history shows that it was lost.
                application.Lose();
                return;
            }
        }
        while (more());
    }

    private async Task StrikeAsync(StrikePlan plan, Striker striker, Scene scene, CancellationToken cancellation)
    {
        try
        {
            var missed = 0;
            while (missed < 3 && plan.Next() is { } wish)
            {
                var claim = await striker.StrikeAsync(wish, Patience, cancellation);
                var strike = claim is null ? null : await MendAsync(claim, scene, cancellation);
                plan.Note(wish, strike);
                missed = strike is null ? missed + 1 : 0;
            }
        }
        finally
        {
            _dealt = true;
        }
    }

    private async Task<Strike> MendAsync(Claim claim, Scene scene, CancellationToken cancellation)
    {
        var shown = claim.Cell.Moment != Moment.AfterEffect || !Enum.TryParse<Stage>(claim.Cell.Work, out var stage)
            || scene.Journals.Show(claim.Entry.Deployment, claim.Entry.Entry.Attempt, stage);
        var mending = scene.Faults.MendAsync(claim, cancellation);
        var there = await scene.Database.HasAsync(claim.Entry);
        await mending;
        var resumed = claim.Cell.IsLast ? null : await TimeOfAsync(claim.Resumed.Task, cancellation);
        var back = claim.Accepting > 0 ? await TimeOfAsync(claim.Back.Task, cancellation) : null;
        var strike = new Strike(
            _strikes.Count + 1, claim.Wish.Fault, claim.Silo, claim.Entry.Deployment, claim.Cell.Work, claim.Cell.Moment,
            IsHit(claim, there) && shown, Seconds(claim.Struck, resumed), back is null ? null : Seconds(claim.Accepting, back));
        _strikes.Add(strike);
        var hit = strike.Hit ? "hit" : "missed";
        say(FormattableString.Invariant(
            $"{strike.Number,4}  {strike.Fault,-12} {strike.Victim,-7} {strike.Work,-20} {strike.Moment,-12} {hit,-6} {strike.Recovery:F2} s"));
        return strike;
    }

    private static bool IsHit(Claim claim, bool there) => claim.Wish.Fault switch
    {
        Fault.Kill or Fault.KillAll or Fault.KillDatabase => claim.Cell.LosesEntry != there,
        Fault.Stop => !there,
        _ => true,
    };

    private async Task<long?> TimeOfAsync(Task<long> moment, CancellationToken cancellation)
    {
        try
        {
            return await moment.WaitAsync(ResumeWithin, time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private double? Seconds(long from, long? to) => to is { } end ? time.GetElapsedTime(from, end).TotalSeconds : null;

    private sealed record Scene(Faults Faults, DrillDatabase Database, TargetJournals Journals);
}
