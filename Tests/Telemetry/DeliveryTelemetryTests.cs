using System.Globalization;
using Maestro.Delivery;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Telemetry;

/// <summary>What a real silo process tells a collector and Prometheus of a deployment.</summary>
public sealed class DeliveryTelemetryTests
{
    [Fact]
    public async Task One_trace_of_an_attempt_has_every_stage_and_every_outside_call_and_the_metrics_have_moved()
    {
        await using var collector = await Collector.StartAsync();
        var port = Ports.Free();
        await using var delivery = await TestDelivery.StartAsync(
            options: ["--otlp", collector.Address.ToString(), "--health-port", $"{port}"]);
        var id = await delivery.OpenAsync("one", ("settings.txt", "version=1\n"));
        var view = await delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));

        await CheckTracesAsync(collector, DeploymentId.Parse(id));
        await CheckMetricsAsync(port);
    }

    private static async Task CheckTracesAsync(Collector collector, DeploymentId id)
    {
        var trace = SpanIds.TraceOf(id, 1).ToHexString();
        WireSpan[] spans = [];
        // Spans of one trace come in several batches, so the last to come is not always the attempt's own.
        await Eventually.IsTrueAsync(() =>
        {
            spans = [.. collector.Spans];
            var known = spans.Where(span => span.Trace == trace).Select(span => span.Id).ToHashSet();
            return Task.FromResult(spans.Any(span => span.Trace == trace && span.Name == Traces.Attempt)
                && spans.Where(span => span.Trace == trace && span.Parent.Length > 0).All(span => known.Contains(span.Parent)));
        });
        var mine = spans.Where(span => span.Trace == trace).ToDictionary(span => span.Id);
        var root = Assert.Single(mine.Values, span => span.Parent.Length == 0);
        Assert.Equal((Traces.Attempt, SpanIds.AttemptOf(id, 1).SpanId.ToHexString()), (root.Name, root.Id));
        Assert.DoesNotContain(spans, span => span.Trace != trace && span.Name.StartsWith("stage ", StringComparison.Ordinal));
        foreach (var row in Plan.Versions[^1].Rows)
        {
            var stage = Assert.Single(mine.Values, span => span.Name == $"stage {row.Stage}" && span.Tags["maestro.outcome"] == "proved");
            var tried = int.Parse(stage.Tags["maestro.try"], CultureInfo.InvariantCulture);
            Assert.Equal((root.Id, SpanIds.StageOf(id, 1, row.Stage, tried).SpanId.ToHexString()), (stage.Parent, stage.Id));
            Assert.True(root.From <= stage.From && stage.From <= stage.To && stage.To <= root.To, row.Stage.ToString());
            // The order was sent below the stage, and whoever took it from the stream goes on below the order.
            var taken = mine.Values.First(span =>
                span.Name == $"{(row.Asked == Role.Desk ? "desk" : "agent")} {row.Stage}" && span.Tags["maestro.try"] == stage.Tags["maestro.try"]);
            Assert.Equal("order send", mine[taken.Parent].Name);
            Assert.Equal(stage.Id, mine[mine[taken.Parent].Parent].Id);
        }
        CheckOutsideCalls(mine);
        Assert.Contains(spans, span => span.Name == Traces.Batch && span.Links > 0);
        Assert.Contains(mine.Values, span => span.Scope == "Microsoft.Orleans.Application");
        await Eventually.IsTrueAsync(() => Task.FromResult(
            collector.Requests.ContainsKey("/v1/metrics") && collector.Requests.ContainsKey("/v1/logs")));
    }

    private static void CheckOutsideCalls(Dictionary<string, WireSpan> spans)
    {
        foreach (var (call, stage) in new[]
        {
            ("git Compare", "agent Review"), ("review Review", "agent Review"), ("analysis Analyse", "agent Review"), ("workshop Build", "agent Build"),
            ("infrastructure Plan", "agent PlanProduction"), ("infrastructure Apply", "agent ProvisionProduction"),
            ("policy Judge", "agent PlanProduction"), ("release Start", "agent DeployStaging"), ("health Check", "agent DeployStaging"),
            ("edge Switch", "agent Promote"), ("names Point", "agent Promote"), ("git Merge", "agent Finish"),
        })
        {
            Assert.True(
                spans.Values.Any(span => span.Name == call && Ancestors(spans, span).Any(above => above.Name == stage)), $"{call} is not below {stage}.");
        }
        Assert.All(spans.Values.Where(span => span.Tags.ContainsKey("maestro.port")), span => Assert.NotEqual("fault", span.Tags["maestro.outcome"]));
        Assert.All(spans.Values.Where(span => span.Scope == Traces.SourceName), span => Assert.DoesNotContain(span.Tags.Keys, IsUnknown));
    }

    private static bool IsUnknown(string tag) => tag is not ("maestro.deployment" or "maestro.attempt" or "maestro.stage" or "maestro.try"
        or "maestro.outcome" or "maestro.waiting" or "maestro.entry" or "maestro.port" or "maestro.operation" or "error.type");

    private static IEnumerable<WireSpan> Ancestors(Dictionary<string, WireSpan> spans, WireSpan span)
    {
        for (var at = span; spans.TryGetValue(at.Parent, out var parent); at = parent)
        {
            yield return parent;
        }
    }

    private static async Task CheckMetricsAsync(int port)
    {
        string page = "";
        await Eventually.IsTrueAsync(async () =>
        {
            page = (await TestDelivery.AskAsync(port, "/metrics"))["200 ".Length..];
            return page.Contains("maestro_due_age_seconds{", StringComparison.Ordinal);
        });
        foreach (var row in Plan.Versions[^1].Rows)
        {
            Assert.Contains(page.Split('\n'), line => line.StartsWith("maestro_stage_duration_seconds_count{", StringComparison.Ordinal)
                && line.Contains($"stage=\"{row.Stage}\"", StringComparison.Ordinal) && line.Contains("outcome=\"proved\"", StringComparison.Ordinal));
        }
        Assert.Contains("maestro_attempts_closed_total{outcome=\"finished\"} 1", page, StringComparison.Ordinal);
        Assert.Contains("maestro_rollbacks_total{cause=\"itself\"} 0", page, StringComparison.Ordinal);
        Assert.Contains("maestro_model_tokens_total{direction=\"input\",model=\"offline\"} 0", page, StringComparison.Ordinal);
        foreach (var name in (string[])["maestro_queue_length{", "maestro_queue_fill{", "maestro_ledger_outbox{", "maestro_ledger_lag_seconds{",
            "maestro_disk_free_bytes{", "maestro_log_batch_rows_count{", "maestro_outside_duration_seconds_count{"])
        {
            Assert.Contains(page.Split('\n'), line => line.StartsWith(name, StringComparison.Ordinal));
        }
        // What is shown has the name by which rules and dashboard ask for it.
        Assert.All(page.Split('\n').Where(line => line.StartsWith("# TYPE maestro_", StringComparison.Ordinal)),
            line => Assert.Contains(line.Split(' ')[2], Prometheus.Names));
        var (code, said) = await Promtool.RunAsync(page, "check", "metrics");
        Assert.True(code == 0, said);
    }
}
