using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Storage;

namespace Maestro.Delivery;

/// <summary>
/// <c>maestro up</c>, killed with -9 and started again in the middle of deployments, finishes them. What happened is judged by the targets' own
/// journals.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const string Infrastructure = "infrastructure/shared.yaml";
    private static readonly string[] Versions = ["third", "fourth", "fifth"];
    private readonly string _builds = Path.GetTempFileName();
    private readonly string _bad = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public async Task A_silo_killed_in_every_stage_and_after_every_effect_goes_on_and_doubles_nothing()
    {
        await using var delivery = await TestDelivery.StartAsync(Recorded);
        using var source = new SqliteSource(Path.Combine(delivery.Data, "maestro.db"));
        await using var log = new SqliteDeploymentLog(source);
        await RunAsync(delivery, new(delivery, log, delivery.KillAsync));
    }

    [Fact]
    public void A_planted_second_effect_is_noticed_in_every_journal()
    {
        const string effect = "pr/local/test/served/1/a1/Promote";
        Edge.JournalLine Switch(string from) => new(DateTimeOffset.UnixEpoch, "env/served/production", 1, 1, from, from, effect, "switched");
        var applied = new Outside.Infrastructure.JournalLine("pr/local/test/served/1/a1/ProvisionStaging", "plan", Evidence.PlannedAction.Create,
            "file.a", "done");
        var proved = new LogEntry.Proved(1, DateTimeOffset.UnixEpoch, "role:deployment", Stage.Promote, 1, Digest.Of([1]));
        var honest = new KillJournals([Switch("before")], [applied], ["work/digest/1/root/tree"], ["tree"], [new("pr/local/test/served/1", [1], [proved])]);

        Assert.Empty(honest.Faults());
        Assert.Single((honest with { Edge = [Switch("before"), Switch("other")] }).Faults());
        Assert.Single((honest with { Infrastructure = [applied, applied] }).Faults());
        Assert.Single((honest with { Builds = ["work/digest/1/root/tree", "work/digest/2/root/tree"] }).Faults());
        Assert.Single((honest with { Merges = ["tree", "tree"] }).Faults());
        Assert.Single((honest with { Logs = [new("pr/local/test/served/1", [1, 2], [proved, proved])] }).Faults());
        Assert.Single((honest with { Logs = [new("pr/local/test/served/1", [2], [proved])] }).Faults());
    }

    public void Dispose()
    {
        File.Delete(_builds);
        File.Delete(_bad);
    }

    // The build says in which folder it runs, once a run.
    private string Recorded(string manifest) =>
        manifest.Replace("[sh, build.sh]", $"[sh, -c, 'pwd >> {_builds}; sh build.sh']", StringComparison.Ordinal);

    private async Task RunAsync(TestDelivery delivery, KillDelivery killed)
    {
        var moments = StageMoments();
        var logs = new List<KillLog> { await DeliverAsync(delivery, killed, "first", moments) };
        AddEffects(delivery, moments);
        logs.Add(await DeliverAsync(delivery, killed, "second", moments));
        // A stage may be over before the kill lands; another change gives it another chance.
        foreach (var version in Versions.TakeWhile(_ => moments.Count > 0))
        {
            logs.Add(await DeliverAsync(delivery, killed, version, moments));
        }
        logs.Add(await RollBackAsync(delivery, killed, moments));

        await JudgeAsync(delivery, killed, logs, finished: logs.Count - 1);
        Assert.True(moments.Count == 0, $"These were over before the kill: {string.Join(", ", moments.Keys)}");
    }

    private static Dictionary<string, Func<KillLog, bool>> StageMoments() => Enum.GetValues<Stage>().ToDictionary(
        stage => $"{stage} has started", stage => (Func<KillLog, bool>)(log => log.InFlight.Contains(stage)));

    /// <param name="finished">How many of the deployments were merged.</param>
    private async Task JudgeAsync(TestDelivery delivery, KillDelivery killed, List<KillLog> logs, int finished)
    {
        var journals = await KillJournals.ReadAsync(delivery, _builds, logs);
        Assert.Empty(journals.Faults());
        Assert.Equal((logs.Count, finished), (journals.Builds.Length, journals.Merges.Length));
        Assert.Equal(finished, (await File.ReadAllLinesAsync(Path.Combine(delivery.Repository.Path, "logs", "refs", "heads", "main"),
            TestContext.Current.CancellationToken)).Length);
        await killed.ConnectAsync();
        Assert.True((await delivery.Reviewer.Grain<ILedgerGrain>("ledger/main").VerifyAsync()).Verified);
    }

    private static async Task<KillLog> DeliverAsync(
        TestDelivery delivery, KillDelivery killed, string version, Dictionary<string, Func<KillLog, bool>> moments)
    {
        await killed.ConnectAsync();
        var id = await delivery.OpenAsync(version, ("settings.txt", $"version={version}\n"),
            (Infrastructure, $"version: 1\nresources:\n  - directory: config\n  - file: config/banner.txt\n    content: \"{version}\"\n"));
        var log = await killed.RunAsync(id, moments);
        await killed.ConnectAsync();
        var view = await delivery.GetAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, $"{TestDelivery.Describe(view)}\nStill to kill: {string.Join(", ", moments.Keys)}");
        return log;
    }

    private async Task<KillLog> RollBackAsync(TestDelivery delivery, KillDelivery killed, Dictionary<string, Func<KillLog, bool>> moments)
    {
        await killed.ConnectAsync();
        var before = await TestDelivery.AskAsync(delivery.ProductionPort);
        var id = await delivery.OpenAsync("bad", ("settings.txt", $"version=bad\nbad-in=production\nbad-when={_bad}\n"));
        moments.Add("Watch was refused", log =>
            IsBadSinceWatch(log) && log.Entries.OfType<LogEntry.Refused>().Any(entry => entry.Stage == Stage.Watch) && !IsUndone(log));
        moments.Add("production was switched back", log => !IsUndone(log) && Switches(delivery, log.EffectOf(Stage.Promote), line => line.Found));
        var log = await killed.RunAsync(id, moments);
        Assert.Equal(Outcome.RolledBack, ((LogEntry.Closed)log.Entries[^1]).Outcome);
        Assert.Equal(before, await TestDelivery.AskAsync(delivery.ProductionPort));
        return log;
    }

    // The moments in which the effect is there and the log does not say so yet.
    private void AddEffects(TestDelivery delivery, Dictionary<string, Func<KillLog, bool>> moments)
    {
        var builds = File.ReadLines(_builds).Count();
        var merged = delivery.Repository.TipAsync("main").GetAwaiter().GetResult();
        void Add(Stage stage, Func<KillLog, bool> isThere) =>
            moments.Add($"{stage} has its effect", log => log.InFlight.Contains(stage) && isThere(log));
        Add(Stage.Build, _ => File.ReadLines(_builds).Count() > builds);
        Add(Stage.ProvisionStaging, log => IsApplied(delivery, "staging", log.EffectOf(Stage.ProvisionStaging)));
        Add(Stage.ProvisionProduction, log => IsApplied(delivery, "production", log.EffectOf(Stage.ProvisionProduction)));
        Add(Stage.DeployStaging, log => Switches(delivery, log.EffectOf(Stage.DeployStaging), line => line.Target));
        Add(Stage.RehearseRollback, log => Switches(delivery, $"{log.EffectOf(Stage.RehearseRollback)}/live", line => line.Target));
        Add(Stage.Promote, log => Switches(delivery, log.EffectOf(Stage.Promote), line => line.Target));
        Add(Stage.Finish, _ => File.ReadAllText(Path.Combine(delivery.Repository.Path, "refs", "heads", "main")).Trim() != merged);
    }

    private bool IsBadSinceWatch(KillLog log)
    {
        var watched = log.Entries.OfType<LogEntry.Started>().Any(entry => entry.Stage == Stage.Watch);
        if (watched && !File.Exists(_bad))
        {
            File.WriteAllText(_bad, "");
        }
        return watched;
    }

    private static bool IsUndone(KillLog log) => log.Entries.OfType<LogEntry.Undone>().Any(entry => entry.Stage == Stage.Promote);

    private static bool IsApplied(TestDelivery delivery, string environment, string effect) =>
        KillJournals.InfrastructureOf(delivery, environment).Any(line => line.Effect == effect);

    private static bool Switches(TestDelivery delivery, string effect, Func<Edge.JournalLine, string?> side) =>
        EdgeJournal.Read(KillJournals.EdgeFile(delivery)).Any(line => line.Outcome == "switched" && side(line) == effect);
}
