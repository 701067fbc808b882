using System.Text.Json;
using System.Text.RegularExpressions;
using Maestro.Support;

namespace Maestro.Telemetry;

/// <summary>Rules, dashboard and documentation against the code's own list of metrics.</summary>
public sealed partial class ObservabilityTests
{
    [Fact]
    public async Task Promtool_accepts_the_alert_rules()
    {
        var (code, said) = await Promtool.RunAsync("", "check", "rules", "alerts.yml");
        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Every_alert_fires_where_its_test_says()
    {
        var (code, said) = await Promtool.RunAsync("", "test", "rules", "alerts.test.yml");
        Assert.True(code == 0, said);
    }

    [Fact]
    public void Every_alert_has_a_test() => Assert.Equal(
        AlertName().Matches(Text("alerts.yml")).Select(found => found.Groups[1].Value).Order(StringComparer.Ordinal),
        TestedName().Matches(Text("alerts.test.yml")).Select(found => found.Groups[1].Value).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("alerts.yml")]
    [InlineData("alerts.test.yml")]
    [InlineData("dashboard.json")]
    public void Whatever_is_asked_for_is_measured(string file) => Assert.All(
        MetricName().Matches(Text(file)).Select(found => found.Value),
        name => Assert.Contains(SeriesName().Replace(name, ""), Prometheus.Names));

    [Fact]
    public void The_dashboard_shows_every_metric_but_none_without_a_query()
    {
        using var dashboard = JsonDocument.Parse(Text("dashboard.json"));
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel =>
        {
            Assert.NotEmpty(panel.GetProperty("title").GetString()!);
            var targets = panel.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("expr").GetString()!).ToList();
            Assert.NotEmpty(targets);
            Assert.DoesNotContain("", targets);
            return string.Join('\n', targets);
        });
        var all = string.Join('\n', queries);
        Assert.All(Prometheus.Names, name => Assert.Contains(name, all, StringComparison.Ordinal));
    }

    [Fact]
    public void The_documentation_names_every_metric_as_it_is_and_no_other()
    {
        var rows = DocumentedRow().Matches(File.ReadAllText(Path.Combine(Fixtures.Root, "docs", "telemetry.md")))
            .Select(row => row.Groups.Values.Skip(1).Select(cell => cell.Value.Trim()).ToArray()).ToList();
        Assert.Equal(
            Instruments.All.Select(row => $"{row.Name} {row.Kind} {row.Unit} {string.Join(", ", row.Tags)} {row.Meaning}").Order(StringComparer.Ordinal),
            rows.Select(row => $"{row[0]} {row[1]} {row[2]} {row[3].Replace("`", "", StringComparison.Ordinal)} {row[4]}").Order(StringComparer.Ordinal));
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Promtool.Folder, file));

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"alertname: (\w+)")]
    private static partial Regex TestedName();

    [GeneratedRegex(@"\bmaestro_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex SeriesName();

    [GeneratedRegex(@"^\| `(maestro\.[^`]+)` \|([^|]+)\| `([^`]+)` \|([^|]*)\|([^|]+)\|", RegexOptions.Multiline)]
    private static partial Regex DocumentedRow();
}

/// <summary>How Prometheus names what the code measures.</summary>
internal static class Prometheus
{
    public static IReadOnlyList<string> Names { get; } = [.. Instruments.All.Select(NameOf)];

    private static string NameOf(InstrumentRow row) => row.Name.Replace('.', '_') + row.Unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    } + (row.Kind == "counter" ? "_total" : "");
}
