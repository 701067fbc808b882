using System.Collections.Immutable;
using Maestro.Demo;

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
        try
        {
            return await RunAsync(folder, cancellation);
        }
        finally
        {
            Directory.Delete(folder.Path, recursive: true);
        }
    }

    private async Task<DrillReport> RunAsync(DrillFolder folder, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        var striker = new Striker(folder, time);
        await using var cluster = new DrillCluster(folder, settings.Silos, striker.WatcherOf, time);
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
        var stormy = Applications("storm", folder, console, database);
        var striking = StrikeAsync(plan, striker, faults, database, over.Token);
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
        var calm = Applications("calm", folder, console, database);
        var rounds = stormy.Select(application => application.Results.Count).ToImmutableArray();
        await Task.WhenAll(calm.Select((application, place) => DeliverAsync(application, () => application.Results.Count < rounds[place], cancellation)));
        var history = await new HistoryReader(folder, database, time).ReadAsync([.. stormy], [.. calm], cancellation);
        await over.CancelAsync();
        await approving;
        return new(settings.Seed, time.GetElapsedTime(begun), plan.Planned, [.. _strikes], history, HistoryChecks.Run(history));
    }

    private ImmutableArray<DrillApplication> Applications(string kind, DrillFolder folder, DrillConsole console, DrillDatabase database) =>
    [
        .. Enumerable.Range(0, settings.Applications)
            .Select(place => new DrillApplication(FormattableString.Invariant($"{kind}-{place}"), place, folder, console, database, time)),
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

    private async Task StrikeAsync(StrikePlan plan, Striker striker, Faults faults, DrillDatabase database, CancellationToken cancellation)
    {
        try
        {
            var missed = 0;
            while (missed < 3 && plan.Next() is { } wish)
            {
                var claim = await striker.StrikeAsync(wish, Patience, cancellation);
                var strike = claim is null ? null : await MendAsync(claim, faults, database, cancellation);
                plan.Note(wish, strike);
                missed = strike is null ? missed + 1 : 0;
            }
        }
        finally
        {
            _dealt = true;
        }
    }

    private async Task<Strike> MendAsync(Claim claim, Faults faults, DrillDatabase database, CancellationToken cancellation)
    {
        var mending = faults.MendAsync(claim, cancellation);
        var there = await database.HasAsync(claim.Entry);
        await mending;
        var resumed = await TimeOfAsync(claim.Resumed.Task, cancellation);
        var back = claim.Accepting > 0 ? await TimeOfAsync(claim.Back.Task, cancellation) : null;
        var strike = new Strike(
            _strikes.Count + 1, claim.Wish.Fault, claim.Silo, claim.Entry.Deployment, claim.Cell.Work, claim.Cell.Moment,
            claim.Cell.LosesEntry != there, Seconds(claim.Struck, resumed), back is null ? null : Seconds(claim.Accepting, back));
        _strikes.Add(strike);
        say(FormattableString.Invariant(
            $"{strike.Number,4}  {strike.Fault,-12} {strike.Victim,-7} {strike.Work,-20} {strike.Moment,-12} {(strike.Hit ? "hit   " : "missed")} {strike.Recovery:F2} s"));
        return strike;
    }

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
}
