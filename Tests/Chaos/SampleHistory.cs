using System.Collections.Immutable;
using System.Text;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Evidence;

namespace Maestro.Chaos;

/// <summary>What a run without a fault leaves behind: one good change, then a bad one that is rolled back, in storm and in peace.</summary>
internal static class SampleHistory
{
    public const string Good = "pr/local/drill/storm-0/1";
    public const string Bad = "pr/local/drill/storm-0/2";
    public const string Staging = "env/storm-0/staging";
    public const string Production = "env/storm-0/production";
    private static readonly Digest Evidence = Digest.Of("evidence"u8);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    public static History Make()
    {
        ImmutableArray<DeploymentHistory> deployments =
        [
            Of(Good, Start, [.. GoneThrough(Enum.GetValues<Stage>()), new LogEntry.Closed(1, Start, "control", Outcome.Finished, "done")]),
            Of(Bad, Start.AddHours(1), [.. GoneThrough([.. Enum.GetValues<Stage>().Where(stage => stage < Stage.Watch)]), .. Back()]),
        ];
        DrillResult[] results = [new(new(0, 0), Good, "finished", "200 version 0.0"), new(new(0, 1), Bad, "rolled-back", "200 version 0.0")];
        return new(
            deployments, Switches(), [Applied(Good, "staging"), Applied(Good, "production"), Applied(Bad, "staging"), Applied(Bad, "production")],
            [BuildOf(Good), BuildOf(Bad)], [new("storm-0", "tree"), new("calm-0", "tree")], LedgerOf(deployments), [], ["delivery-1"],
            [new("delivery-1", 1)], [.. results], [.. results]);
    }

    public static string Effect(string deployment, string stage) => $"{deployment}/a1/{stage}";

    public static JournalLine Switch(string environment, long token, string? from, string? to, string outcome = "switched") =>
        new(Start, environment, token, token, from, from, to, outcome);

    /// <summary>The deployment with other entries, and a head and a ledger that fit them.</summary>
    public static History With(this History history, string id, Func<ImmutableArray<LogLine>, IEnumerable<LogLine>> change)
    {
        var deployments = history.Deployments.Select(deployment => deployment.Id == id ? Head(id, [.. change(deployment.Log)]) : deployment).ToImmutableArray();
        return history with { Deployments = deployments, Ledger = LedgerOf(deployments) };
    }

    private static ImmutableArray<JournalLine> Switches() =>
    [
        Switch(Staging, 1, null, Effect(Good, "DeployStaging")),
        Switch(Staging, 1, Effect(Good, "DeployStaging"), null), Switch(Staging, 1, null, Effect(Good, "DeployStaging")),
        Switch(Production, 1, null, Effect(Good, "Promote")),
        Switch(Staging, 2, Effect(Good, "DeployStaging"), Effect(Bad, "DeployStaging")),
        Switch(Staging, 2, Effect(Bad, "DeployStaging"), Effect(Bad, "RehearseRollback/live")),
        Switch(Staging, 2, Effect(Bad, "RehearseRollback/live"), Effect(Bad, "DeployStaging")),
        Switch(Production, 2, Effect(Good, "Promote"), Effect(Bad, "Promote")),
        Switch(Production, 3, Effect(Bad, "Promote"), Effect(Bad, "Promote"), "already"),
        Switch(Production, 3, Effect(Bad, "Promote"), Effect(Good, "Promote")),
        Switch(Staging, 3, Effect(Bad, "DeployStaging"), Effect(Good, "DeployStaging")),
    ];

    private static IEnumerable<LogEntry> GoneThrough(Stage[] stages) =>
    [
        new LogEntry.AttemptOpened(1, Start, "author", Hash('a'), Hash('b'), Hash('c'), Evidence, 1),
        .. stages.SelectMany(stage => new LogEntry[]
        {
            new LogEntry.Started(1, Start, "control", stage, 1, Start.AddHours(9)), new LogEntry.Proved(1, Start, "agent", stage, 1, Evidence),
        }),
    ];

    private static IEnumerable<LogEntry> Back() =>
    [
        new LogEntry.Started(1, Start, "control", Stage.Watch, 1, Start.AddHours(9)), new LogEntry.Refused(1, Start, "agent", Stage.Watch, 1, "unwell", null),
        new LogEntry.Undone(1, Start, "agent", Stage.Promote, Evidence), new LogEntry.Undone(1, Start, "agent", Stage.DeployStaging, Evidence),
        new LogEntry.Closed(1, Start, "control", Outcome.RolledBack, "unwell"),
    ];

    private static DeploymentHistory Of(string id, DateTimeOffset start, LogEntry[] entries) =>
        Head(id, [.. entries.Select((entry, index) =>
            new LogLine(index + 1, entry with { At = start.AddSeconds(index) }, "silo-1/a", start.AddSeconds(index)))]);

    private static DeploymentHistory Head(string id, ImmutableArray<LogLine> log) =>
        new(id, log, log.Length, Snapshot.Write(Progress.Of(log.Select(line => line.Entry))));

    private static ImmutableArray<LedgerEntry> LedgerOf(IEnumerable<DeploymentHistory> deployments) => LedgerChain.Append(null, deployments.SelectMany(
        deployment => deployment.Log.DistinctBy(line => line.Number).Select(line => new LedgerFact(
            LogJson.FactKey(DeploymentId.Parse(deployment.Id), line.Number), line.Entry.At, "deployment", "control", deployment.Id,
            $$"""{"entry":"{{LogJson.DigestOf(line.Entry).Hex}}"}"""))));

    private static AppliedLine Applied(string deployment, string environment) => new(
        $"env/storm-0/{environment}",
        new(Effect(deployment, environment == "staging" ? "ProvisionStaging" : "ProvisionProduction"), "plan", PlannedAction.Create, "file.a", "done"));

    private static string BuildOf(string deployment) =>
        $"drill/work/{Digest.Of(Encoding.UTF8.GetBytes(Effect(deployment, "Build"))).Hex}/1/root/tree";

    private static string Hash(char digit) => new(digit, 40);
}
