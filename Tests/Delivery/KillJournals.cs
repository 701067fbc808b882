using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Outside;
using Maestro.Outside.Infrastructure;

namespace Maestro.Delivery;

/// <summary>What the targets themselves wrote down, and the deployments' logs: from these it is judged whether an effect was doubled.</summary>
/// <param name="Builds">The folder of each run of the build; <c>DIGEST OF THE EFFECT/TOKEN/root/tree</c>.</param>
/// <param name="Merges">The trees of the merges into the base branch.</param>
internal sealed record KillJournals(
    ImmutableArray<Edge.JournalLine> Edge, ImmutableArray<Outside.Infrastructure.JournalLine> Infrastructure, ImmutableArray<string> Builds,
    ImmutableArray<string> Merges, ImmutableArray<KillLog> Logs)
{
    public static async Task<KillJournals> ReadAsync(TestDelivery delivery, string builds, IEnumerable<KillLog> logs) => new(
        [.. EdgeJournal.Read(EdgeFile(delivery))],
        [.. InfrastructureOf(delivery, "staging"), .. InfrastructureOf(delivery, "production")],
        [.. await File.ReadAllLinesAsync(builds)],
        [.. (await TestRepository.GitAsync(delivery.Repository.Path, "log", "--first-parent", "--merges", "--format=%T", "main")).Split('\n',
            StringSplitOptions.RemoveEmptyEntries)],
        [.. logs]);

    public static string EdgeFile(TestDelivery delivery) => Path.Combine(delivery.Data, "edge", "edge-journal.jsonl");

    public static IEnumerable<Outside.Infrastructure.JournalLine> InfrastructureOf(TestDelivery delivery, string environment) =>
        new Outside.Infrastructure.Journal(
            EnvironmentFiles.Of(Path.Combine(delivery.Data, "worlds"), new EnvironmentKey(TestDelivery.Application, environment))).Read();

    /// <summary>Every doubled effect and every fault of a log, in words.</summary>
    public IEnumerable<string> Faults() =>
    [
        .. Edge.Where(line => line.Outcome == "switched").GroupBy(line => line.Environment).SelectMany(FaultsOf),
        .. Twice("applied", Infrastructure.Where(line => line.Outcome == "done").Select(line => $"{line.Effect} {line.Address}")),
        .. Twice("built", Builds.Select(EffectOf)),
        .. Twice("merged", Merges),
        .. Logs.SelectMany(log => log.Faults()),
    ];

    // A rehearsal serves the new release once more, and an undo the release before; nothing else serves an effect again.
    private IEnumerable<string> FaultsOf(IGrouping<string, Edge.JournalLine> switches)
    {
        var stage = switches.Key.EndsWith("/production", StringComparison.Ordinal) ? Stage.Promote : Stage.DeployStaging;
        var undone = Logs.SelectMany(log => log.Entries).OfType<LogEntry.Undone>().Count(entry => entry.Stage == stage);
        var served = switches.Where(line => !IsRehearsal(line)).ToList();
        var allowed = served.Select(line => line.Target).Distinct().Count() + (switches.Count() - served.Count) + undone;
        return served.Count > allowed
            ? [$"{switches.Key} was switched {served.Count} times instead of {allowed}: {string.Join(", ", served.Select(line => line.Target))}"]
            : [];
    }

    private static bool IsRehearsal(Edge.JournalLine line) =>
        line.Environment.EndsWith("/staging", StringComparison.Ordinal) && (line.Target is null || line.Target.EndsWith("/live", StringComparison.Ordinal));

    private static string EffectOf(string build) => build.Split('/')[^4];

    private static IEnumerable<string> Twice(string what, IEnumerable<string> effects) =>
        effects.GroupBy(effect => effect).Where(group => group.Count() > 1).Select(group => $"{group.Key} was {what} {group.Count()} times");
}

/// <summary>The log of one deployment as it is in the database.</summary>
internal sealed record KillLog(string Deployment, ImmutableArray<int> Numbers, ImmutableArray<LogEntry> Entries)
{
    public bool IsClosed => Entries.OfType<LogEntry.Closed>().Any();

    /// <summary>The stages that have started and have not answered.</summary>
    public ImmutableHashSet<Stage> InFlight => Entries.Aggregate(ImmutableHashSet<Stage>.Empty, (stages, entry) => entry switch
    {
        LogEntry.Started started => stages.Add(started.Stage),
        LogEntry.Proved proved => stages.Remove(proved.Stage),
        LogEntry.Refused refused => stages.Remove(refused.Stage),
        LogEntry.Broke broke => stages.Remove(broke.Stage),
        _ => stages,
    });

    public string EffectOf(Stage stage) => $"{Deployment}/a{Entries[^1].Attempt}/{stage}";

    public IEnumerable<string> Faults() =>
    [
        .. Numbers.SequenceEqual(Enumerable.Range(1, Numbers.Length)) ? [] : new[] { $"{Deployment}: the log has a gap" },
        .. Entries.OfType<LogEntry.Proved>().GroupBy(entry => (entry.Attempt, entry.Stage)).Where(group => group.Count() > 1)
            .Select(group => $"{Deployment}: {group.Key.Stage} was proved {group.Count()} times"),
    ];
}
