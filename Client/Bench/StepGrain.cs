using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Bench;

/// <inheritdoc cref="IStepGrain"/>
// It acts as nobody, so that a silo of any role leaves its class out; the benchmarks' silo puts it in again.
[ActsAs(Role.None), GrainType("bench-step")]
internal sealed class StepGrain(IServiceProvider services, TimeProvider time) : Grain, IStepGrain
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(30);
    private Journal? _journal;
    private int _step;

    public async Task OpenAsync() => _journal ??= await Journal.OpenAsync(
        services, DeploymentId.Parse(this.GetPrimaryKeyString()), $"bench/{Guid.NewGuid():N}", CancellationToken.None);

    public async Task StepAsync()
    {
        await OpenAsync();
        _journal!.Change ??= BenchChange.Of(_journal.Id);
        if (!await _journal.RecordAsync(Next(_journal)))
        {
            throw new InvalidOperationException("Somebody else wrote to a benchmark's log.");
        }
    }

    // A stage that begins and breaks, over and over, on top of those that are proved: the snapshot is as long as that of a real deployment.
    private LogEntry Next(Journal journal)
    {
        var (now, self, number) = (time.GetUtcNow(), Principal.OfRole(Role.Control), journal.Progress.Number);
        if (number == 0)
        {
            var change = journal.Change!;
            return new LogEntry.AttemptOpened(1, now, self, change.Head, change.Base, change.MergeTree, Digest.Of("opened"u8), Plan.Version1.Version);
        }
        var stages = Plan.Version1.Rows;
        if (number <= 2 * (stages.Length - 1))
        {
            var stage = stages[(number - 1) / 2].Stage;
            return number % 2 == 1
                ? new LogEntry.Started(1, now, self, stage, 1, now + Within)
                : new LogEntry.Proved(1, now, self, stage, 1, Digest.Of("proof"u8));
        }
        _step++;
        return number % 2 == 1
            ? new LogEntry.Started(1, now, self, stages[^1].Stage, _step, now + Within)
            : new LogEntry.Broke(1, now, self, stages[^1].Stage, _step, "bench.step", Digest.Of("reason"u8));
    }
}

internal static class BenchChange
{
    public static ChangeOpened Of(DeploymentId id) => new(
        new(id.Repository, id.Host, id.Owner, "/bench", "shop", "local", new(EnvironmentSettings.StagingName, 1, 1),
            new(EnvironmentSettings.ProductionName, 2, 1)),
        id.Number, "A change", "change", "main", new('a', 40), new('b', 40), new('c', 40), new('d', 40), "author", ["author"], true, []);
}
