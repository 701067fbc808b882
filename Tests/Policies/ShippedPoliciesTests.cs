using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Policies;

public sealed class ShippedPoliciesTests
{
    private static readonly ChangeOpened Change = new(
        new Application("shop", "local", "acme", "/srv/shop.git", "platform", "local", new("staging", 8080, 1),
            new("production", 8090, 1)),
        1, "title", "feature", "main", new string('a', 40), new string('b', 40), new string('c', 40), new string('d', 40), "ann", ["ann"],
            true,
        ["maestro.yaml", "\"};evil(\u2028"]);

    [Fact]
    public async Task A_small_plan_passes()
    {
        Assert.Empty(await JudgeAsync("staging", new PlannedChange(PlannedAction.Create, "file.a", false, "writes")));
    }

    [Fact]
    public async Task Too_many_changes_and_too_many_ports_and_too_many_bytes_block()
    {
        var many = Enumerable.Range(0, 51).Select(index =>
            new PlannedChange(PlannedAction.Create, $"file.{index}", false, "writes")).ToArray();
        Assert.Contains("51 changes", (await BlockingAsync("staging", many)).Single(), StringComparison.Ordinal);
        Assert.Empty(await JudgeAsync("staging", many[..50]));
        var ports = Enumerable.Range(0, 6).Select(index =>
            new PlannedChange(PlannedAction.Delete, $"port.{index}", true, "closes")).ToArray();
        Assert.Contains("6 ports", (await BlockingAsync("staging", ports)).Single(), StringComparison.Ordinal);
        var heavy = Facts("staging", Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', 1 << 20)}\"}}"));
        Assert.Contains((await Scripts.JudgeShippedAsync(heavy)).Violations, violation => violation is { Policy: "limits", Blocks: true });
    }

    [Theory]
    [InlineData(8080, false, "will be at port 8080")]
    [InlineData(80, true, "below 1024")]
    [InlineData(9999, true, "not registered")]
    [InlineData(null, true, "does not tell")]
    public async Task A_public_endpoint_is_reported_and_blocks_where_it_is_not_registered(int? port, bool blocks, string message)
    {
        var document = port is null ? "not json" : $"{{\"changes\":[1,{{\"address\":\"port.web\",\"port\":{port}}}]}}";
        var facts = Facts("staging", Encoding.UTF8.GetBytes(document), new PlannedChange(PlannedAction.Create, "port.web", true, "opens"));
        var violation = Assert.Single((await Scripts.JudgeShippedAsync(facts)).Violations);
        Assert.Equal(("endpoints", blocks), (violation.Policy, violation.Blocks));
        Assert.Contains(message, violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_deletion_is_reported_and_many_block_in_production_only()
    {
        var deletions = Enumerable.Range(0, 4).Select(index =>
            new PlannedChange(PlannedAction.Delete, $"file.{index}", false, "removes")).ToArray();
        Assert.Equal(
            Enumerable.Range(0, 4).Select(index => $"file.{index} is deleted."),
            (await JudgeAsync("staging", deletions)).Select(violation => violation.Message));
        Assert.Empty(await BlockingAsync("staging", deletions));
        Assert.Contains("destroys 4", (await BlockingAsync("production", deletions)).Single(), StringComparison.Ordinal);
        Assert.Empty(await BlockingAsync("production", deletions[..3]));
    }

    [Fact]
    public async Task A_directory_of_production_is_deleted_only_in_a_small_plan()
    {
        var folder = new PlannedChange(PlannedAction.Delete, "directory.data", false, "removes");
        var others = Enumerable.Range(0, 5).Select(index =>
            new PlannedChange(PlannedAction.Create, $"file.{index}", false, "writes")).ToArray();
        Assert.Contains("a directory", (await BlockingAsync("production", [folder, .. others])).Single(), StringComparison.Ordinal);
        Assert.Empty(await BlockingAsync("production", [folder, .. others[..4]]));
    }

    [Fact]
    public void Facts_are_the_same_bytes_for_the_same_input_and_hold_no_contents()
    {
        var document = "{\"resources\":[{\"content\":\"hunter2\"}]}"u8.ToArray();
        var facts = Facts("staging", document, new PlannedChange(PlannedAction.Create, "port.web", true, "opens"));
        Assert.Equal(facts, Facts("staging", document, new PlannedChange(PlannedAction.Create, "port.web", true, "opens")));
        Assert.DoesNotContain("hunter2", facts, StringComparison.Ordinal);
        using var read = JsonDocument.Parse(facts);
        Assert.Equal("\"};evil(\u2028", read.RootElement.GetProperty("change").GetProperty("sensitivePaths")[1].GetString());
        Assert.Equal("PlanStaging", read.RootElement.GetProperty("stage").GetString());
        Assert.Equal(JsonValueKind.Null, read.RootElement.GetProperty("plan").GetProperty("changes")[0].GetProperty("port").ValueKind);
    }

    private static async Task<ImmutableArray<PolicyViolation>> JudgeAsync(string environment, params PlannedChange[] changes) =>
        (await Scripts.JudgeShippedAsync(Facts(environment, "{}"u8.ToArray(), changes))).Violations;

    private static async Task<IEnumerable<string>> BlockingAsync(string environment, params PlannedChange[] changes) =>
        (await JudgeAsync(environment, changes)).Where(violation => violation.Blocks).Select(violation => violation.Message);

    private static string Facts(string environment, byte[] document, params PlannedChange[] changes) =>
        Encoding.UTF8.GetString(PolicyFacts.Of(
        Stage.PlanStaging, new EnvironmentKey("shop", environment), Change, new InfrastructurePlan(document, "", 0, [.. changes]),
            [8080]));
}
