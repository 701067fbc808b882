using Maestro.Deployments;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>
/// Whole deployments in real silos whose queues drop, double, delay and reorder work orders and evidence. They end as they do where nothing is
/// lost, and every effect happened once.
/// </summary>
public sealed class LossyMessageTests
{
    private const int Deployments = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly int _seed = Environment.TickCount;
    private readonly EffectJournal _journal = new();
    private readonly LossyQueues _queues;

    public LossyMessageTests() => _queues = new(_seed);

    [Fact]
    public async Task Lost_doubled_late_and_overtaken_messages_change_nothing()
    {
        await using var silo = Silo(null);
        await ComparesAsync(silo);
    }

    [Fact]
    public async Task Nor_do_they_between_two_silos_of_a_cluster()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var silo = Silo(database.Text);
        await ComparesAsync(silo);
    }

    [Fact]
    public async Task Without_looking_first_they_double_effects()
    {
        await using var silo = Silo(null);
        await silo.InitializeAsync();
        _queues.AreLossy = true;
        _journal.Looks = false;
        silo.Controls.Waived = MessageRefusal.ReplayedCode;
        Assert.Contains(await RunAsync(silo), run => run.Effects.Distinct().Count() < run.Effects.Length);
    }

    private async Task ComparesAsync(MessageSilo silo)
    {
        await silo.InitializeAsync();
        var expected = await RunAsync(silo, 2);
        Assert.Equal([Outcome.Finished, Outcome.RolledBack], expected.Select(run => run.Outcome).Order());
        _queues.AreLossy = true;
        foreach (var run in await RunAsync(silo))
        {
            var same = expected.First(other => other.Outcome == Outcome.RolledBack == RecordedPlan.TurnsOutBad(run.Id));
            Assert.True(run.Outcome == same.Outcome && run.Entries.SequenceEqual(same.Entries) && run.Effects.SequenceEqual(same.Effects),
                $"Seed {_seed}, {run.Id}: {run.Outcome}\n{string.Join('\n', run.Entries)}\n{string.Join('\n', run.Effects)}");
        }
        Assert.All(Enum.GetValues<Passage>(), passage => Assert.True(_queues.Counts.GetValueOrDefault(passage) > 0, $"Seed {_seed}: nothing {passage}."));
    }

    private MessageSilo Silo(string? database) => new()
    {
        Database = database,
        More = services =>
        {
            services.AddSingleton(new Plans([RecordedPlan.Plan])).AddSingleton(_journal).AddSingleton<IIncomingGrainCallFilter>(_queues);
            foreach (var row in RecordedPlan.Plan.Rows)
            {
                services.AddSingleton(row.Call.StageType);
            }
        },
    };

    private async Task<Run[]> RunAsync(MessageSilo silo, int count = Deployments)
    {
        var opened = new List<DeploymentId>();
        for (var number = 0; number < count; number++)
        {
            opened.Add(await silo.OpenAsync());
        }
        return await Task.WhenAll(opened.Select(id => EndAsync(silo, id)));
    }

    private async Task<Run> EndAsync(MessageSilo silo, DeploymentId id)
    {
        var began = TimeProvider.System.GetTimestamp();
        LogEntry[] log;
        while ((log = await silo.LogAsync(id)).OfType<LogEntry.Closed>().FirstOrDefault() is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Seed {_seed}: {id} did not end.\n{string.Join('\n', (object[])log)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        // Rows beside each other may be answered in either order.
        return new(id, log.OfType<LogEntry.Closed>().First().Outcome, [.. log.Select(Said).Order(StringComparer.Ordinal)],
            [.. _journal.Of(id).Select(line => line.Replace(id.ToString(), "", StringComparison.Ordinal))]);
    }

    private static string Said(LogEntry entry) => entry switch
    {
        LogEntry.Started started => $"started {started.Stage} {started.Try}",
        LogEntry.Proved proved => $"proved {proved.Stage} {proved.Try}",
        LogEntry.Refused refused => $"refused {refused.Stage} {refused.Try} {refused.Code}",
        LogEntry.Undone undone => $"undone {undone.Stage}",
        LogEntry.Closed closed => $"closed {closed.Outcome} {closed.Code}",
        _ => entry.GetType().Name,
    };

    private sealed record Run(DeploymentId Id, Outcome Outcome, string[] Entries, string[] Effects);
}
