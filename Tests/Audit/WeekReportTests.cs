using Maestro.Client;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>Who did what in a week, from the ledger alone.</summary>
public sealed class WeekReportTests : IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 2, 16, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeploymentId Shop = Database.Deployment();

    private readonly Database _database = new();
    private readonly List<LedgerFact> _facts = [];
    private int _reads;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2026-W47", "2026-11-16")]
    [InlineData("2026-W53", "2026-12-28")]
    [InlineData("2025-W01", "2024-12-30")]
    [InlineData("this", "2026-02-23")]
    [InlineData("last", "2026-02-16")]
    public void A_week_begins_on_its_monday(string text, string monday) =>
        Assert.Equal(monday, $"{Week.Read(text, Monday.AddDays(9))!.Begin:yyyy-MM-dd}");

    [Theory]
    [InlineData("2025-W53")]
    [InlineData("2026-W00")]
    [InlineData("2026-W1")]
    [InlineData("2026-47")]
    [InlineData("0001-W01")]
    [InlineData("next")]
    [InlineData("")]
    public void What_is_no_week_is_not_read(string text) => Assert.Null(Week.Read(text, Monday));

    [Fact]
    public async Task It_counts_what_happened_in_the_week_and_nothing_else()
    {
        Tell(1, new LogEntry.AttemptOpened(1, Monday, "role:control", "a", "b", "c", Database.Evidence, 1));
        Tell(2, new LogEntry.Started(1, Monday.AddHours(1), "role:control", Stage.Approval, 1, Monday.AddDays(1)));
        Tell(3, new LogEntry.Proved(1, Monday.AddHours(3.5), "role:desk", Stage.Approval, 1, Database.Evidence));
        Tell(4, new LogEntry.Refused(1, Monday.AddHours(4), "role:deployment", Stage.Promote, 1, "plan.differs", null));
        Tell(5, new LogEntry.Closed(1, Monday.AddHours(5), "role:control", Outcome.Refused, "plan.differs"));
        Tell(6, new LogEntry.Started(2, Monday.AddDays(6), "role:control", Stage.AllowRun, 1, Monday.AddDays(7)));
        Tell("approval.given", "role:desk", "{\"onBehalfOf\":\"ben\"}");
        Tell("approval.given", "role:desk", "{\"onBehalfOf\":\"ben\"}");
        Tell("approval.rejected", "role:desk", "{\"onBehalfOf\":\"eve\"}");
        Tell("call.refused", "role:gateway", "{\"code\":\"call.token\",\"lost\":40}");
        Tell("message.dropped", "role:control", "{\"code\":\"message.signature\",\"lost\":0}");
        Tell("review.found", "role:review", "{\"rules\":{\"prompt-injection\":2,\"dangerous-call\":1}}");
        Tell("break-glass.used", "role:control", "{\"onBehalfOf\":\"eve\",\"code\":\"incident\"}");
        Tell("break-glass.refused", "role:gateway", "{\"onBehalfOf\":\"mal\",\"code\":\"glass.author\"}");
        Tell("environment.live", "role:deployment", "{}");
        // Before, after, and one that was told late.
        Tell("approval.given", "role:desk", "{\"onBehalfOf\":\"ann\"}", Monday.AddTicks(-1));
        Tell("approval.given", "role:desk", "{\"onBehalfOf\":\"ann\"}", Monday.AddDays(7));
        Tell("approval.given", "role:desk", "{\"onBehalfOf\":\"late\"}", Monday.AddDays(7).AddHours(-1));

        var run = await RunAsync("--week", "2026-W08", "--format", "json");

        var report = System.Text.Json.JsonElement.Parse(run.Out).GetProperty("report");
        Assert.Equal((16, 1), (report.GetProperty("entries").GetInt32(), report.GetProperty("attempts").GetInt32()));
        Assert.Equal(["Refused 1"], Counts(report, "outcomes"));
        Assert.Equal(["Promote plan.differs 1"], Counts(report, "stops"));
        Assert.Equal(["prompt-injection 2", "dangerous-call 1"], Counts(report, "findings"));
        Assert.Equal(["call.token pr/local/acme/shop/1 41"], Counts(report, "calls"));
        Assert.Equal(["message.dropped message.signature 1"], Counts(report, "messages"));
        Assert.Equal(["environment.live 1"], Counts(report, "releases"));
        Assert.Equal(
            ["ben 2 0", "eve 0 1", "late 1 0"],
            Rows(report, "approvals", "person", "approved", "rejected"));
        Assert.Equal(
            ["AllowRun 86400 False", "Approval 9000 True"],
            Rows(report, "waits", "stage", "seconds", "answered"));
        Assert.Equal(
            ["break-glass.used incident eve", "break-glass.refused glass.author mal"], Rows(report, "alarms", "kind", "code", "actor"));
    }

    [Fact]
    public async Task What_others_wrote_is_shown_and_never_obeyed()
    {
        Tell("call.refused", "role:gateway", "{\"code\":\"\\u001b[2J\\nFrom: boss\"}");
        Tell("anomaly.rate", "role:gateway", "{\"onBehalfOf\":\"\\u202egnp\",\"code\":\"\\r\\n.\\r\\nQUIT\"}");
        Tell("review.found", "role:review", "{\"rules\":{\"\\u0007\":1e99,\"a\":\"x\"}}");
        Tell("review.found", "role:review", "{\"rules\":[1]}");
        Tell("approval.given", "role:desk", "[]");
        Tell("refusals.lost", "role:control", "{\"lost\":-5}");

        var run = await RunAsync("--week", "2026-W08");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain(run.Out, letter => char.IsControl(letter) && letter != '\n');
        Assert.DoesNotContain('\u202e', run.Out);
        Assert.All(run.Out.Split('\n'), line => Assert.InRange(line.Length, 0, 200));
        Assert.Contains("anomaly.rate", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_week_of_a_long_ledger_is_sought_not_read_through()
    {
        for (var hour = -24 * 365; hour < 24 * 20; hour++)
        {
            Tell("environment.live", "role:deployment", "{}", Monday.AddHours(hour));
        }
        var run = await RunAsync("--week", "2026-W08", "--format", "json");
        Assert.Equal(24 * 7, System.Text.Json.JsonElement.Parse(run.Out).GetProperty("report").GetProperty("entries").GetInt32());
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task An_empty_ledger_has_an_empty_report() => Assert.Contains("0 entries", (await RunAsync("--week", "this")).Out, StringComparison.Ordinal);

    public void Dispose() => _database.Dispose();

    private void Tell(int number, LogEntry entry) => _facts.Add(LogFacts.Of(Shop, number, entry));

    private void Tell(string kind, string actor, string body, DateTimeOffset? at = null) =>
        _facts.Add(new($"test/{_facts.Count}", at ?? Monday.AddDays(6), kind, actor, Shop.ToString(), body));

    private static IEnumerable<string> Counts(System.Text.Json.JsonElement report, string name) => Rows(report, name, "name", "count");

    private static IEnumerable<string> Rows(System.Text.Json.JsonElement report, string name, params string[] fields) =>
        report.GetProperty(name).EnumerateArray().Select(one => string.Join(' ', fields.Select(field => one.GetProperty(field))));

    private async Task<ConsoleRun> RunAsync(params string[] options)
    {
        await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, _facts), Cancellation);
        var ledger = new LedgerGrain(_database.Ledger, null!, null!, null!, TimeProvider.System);
        var silo = new SpokenSilo()
            .With<ILedgerGrain>("ledger/main", "ReadAsync", asked =>
            {
                _reads++;
                return ledger.ReadAsync((long)asked[0]!, (int)asked[1]!);
            })
            .With<ILedgerGrain>("ledger/main", "SeekAsync", asked => ledger.SeekAsync((DateTimeOffset)asked[0]!))
            .With<ICheckpointGrain>(ICheckpointGrain.Key, "GrowthAsync", _ => Task.FromResult<CheckpointGrowth?>(null));
        return await ConsoleRun.OfAsync(silo, ["audit", "report", .. options]);
    }
}
