using System.Runtime.Versioning;
using System.Text;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Infrastructure;

[SupportedOSPlatform("linux")]
public sealed class PlanAndApplyTests : IDisposable
{
    private const string Two = "  - directory: data/uploads\n  - file: config/banner.txt\n    content: Hello\n    mode: 0640\n";
    private const string Three = Two + "  - port: web\n    number: 8080\n";


    private readonly Worlds _worlds = new();

    public void Dispose() => _worlds.Dispose();

    [Fact]
    public async Task Planning_changes_nothing_and_makes_the_same_bytes_again()
    {
        var first = await _worlds.PlanAsync(Three);
        var second = await _worlds.PlanAsync(Three);
        Assert.Equal(first.Document.ToArray(), second.Document.ToArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_worlds.Root));
        Assert.Equal(
            ["directory.config", "directory.data", "directory.data/uploads", "file.config/banner.txt", "port.web"],
            first.Changes.Select(change => change.Address));
        Assert.Equal([false, false, false, false, true], first.Changes.Select(change => change.Endpoint));
    }

    [Fact]
    public async Task Applying_makes_what_was_declared_and_then_nothing_is_left_to_do()
    {
        var state = await _worlds.ApplyAsync(Three);
        Assert.Equal(1, state.Serial);
        Assert.Equal(32, state.Lineage.Length);
        Assert.Empty(state.Drift);
        Assert.Equal("Hello", await File.ReadAllTextAsync(_worlds["config/banner.txt"], TestContext.Current.CancellationToken));
        Assert.Equal((UnixFileMode)0x1A0, File.GetUnixFileMode(_worlds["config/banner.txt"]));
        Assert.True(Directory.Exists(_worlds["data/uploads"]));
        Assert.Empty((await _worlds.PlanAsync(Three)).Changes);
    }

    [Fact]
    public async Task The_serial_rises_with_every_apply_and_the_lineage_stays()
    {
        var first = await _worlds.ApplyAsync(Three, "one");
        var second = await _worlds.ApplyAsync(Three, "two");
        Assert.Equal((first.Lineage, 2L), (second.Lineage, second.Serial));
    }

    [Fact]
    public async Task What_is_no_longer_declared_is_deleted_and_what_is_not_recorded_stays()
    {
        await _worlds.ApplyAsync(Three, "one");
        await File.WriteAllTextAsync(_worlds["data/uploads/photo"], "mine", TestContext.Current.CancellationToken);
        var plan = await _worlds.PlanAsync("  - file: other.txt\n    content: x\n");
        Assert.Equal(5, plan.Changes.Count(change => change.Action == PlannedAction.Delete));
        var state = await _worlds.ApplyAsync(plan, "two");
        Assert.Equal(["data", "data/uploads", "data/uploads/photo", "other.txt"], _worlds.Contents().Keys);
        Assert.Equal(["file.other.txt"], state.Resources);
    }

    [Fact]
    public async Task A_file_changed_or_deleted_behind_our_back_shows_as_drift_and_is_written_again()
    {
        await _worlds.ApplyAsync(Three, "one");
        await File.WriteAllTextAsync(_worlds["config/banner.txt"], "Goodbye", TestContext.Current.CancellationToken);
        var plan = await _worlds.PlanAsync(Three);
        var change = Assert.Single(plan.Changes);
        Assert.Equal(PlannedAction.Update, change.Action);
        Assert.Contains("somebody changed it", change.Summary, StringComparison.Ordinal);
        Assert.Contains("other content", Assert.Single((await ReadAsync()).Drift), StringComparison.Ordinal);

        File.Delete(_worlds["config/banner.txt"]);
        var again = Assert.Single((await _worlds.PlanAsync(Three)).Changes);
        Assert.Equal(PlannedAction.Create, again.Action);
        Assert.Contains("somebody deleted it", again.Summary, StringComparison.Ordinal);
        Assert.Equal("file.config/banner.txt is gone.", Assert.Single((await ReadAsync()).Drift));
        Assert.Empty((await _worlds.ApplyAsync(Three, "two")).Drift);
    }

    [Fact]
    public async Task A_sensitive_content_is_in_no_summary_and_no_drift_and_not_in_the_state()
    {
        const string secret = "hunter2-hunter2";
        var resources = $"  - file: token\n    content: {secret}\n    sensitive: true\n";
        var plan = await _worlds.PlanAsync(resources);
        await _worlds.ApplyAsync(plan, "one");
        await File.WriteAllTextAsync(_worlds["token"], "another-secret", TestContext.Current.CancellationToken);
        var drift = (await ReadAsync()).Drift;
        var shown = string.Concat(plan.Changes.Concat((await _worlds.PlanAsync(resources)).Changes).Select(change =>
            change.Summary).Concat(drift));
        var files = string.Concat(Directory.GetFiles(Path.Combine(_worlds.Root, "shop")).Select(File.ReadAllText));
        Assert.DoesNotContain(secret, shown + files, StringComparison.Ordinal);
        Assert.DoesNotContain("another-secret", shown + files, StringComparison.Ordinal);
        Assert.Contains(secret,
            (await _worlds.PlanAsync(resources.Replace("true", "false", StringComparison.Ordinal))).Changes[0].Summary,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unrecorded_file_is_never_overwritten()
    {
        Directory.CreateDirectory(_worlds["config"]);
        await File.WriteAllTextAsync(_worlds["config/banner.txt"], "not Maestro's", TestContext.Current.CancellationToken);
        Assert.Equal("infrastructure.unrecorded", (await Worlds.RefusedAsync(() => _worlds.PlanAsync(Three))).Code);
        File.Delete(_worlds["config/banner.txt"]);
        var plan = await _worlds.PlanAsync(Three);
        await File.WriteAllTextAsync(_worlds["config/banner.txt"], "not Maestro's", TestContext.Current.CancellationToken);
        Assert.Equal("infrastructure.unrecorded", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan))).Code);
        Assert.Equal("not Maestro's", await File.ReadAllTextAsync(_worlds["config/banner.txt"], TestContext.Current.CancellationToken));
        Assert.False(File.Exists(_worlds.State));
    }

    [Fact]
    public async Task A_port_moves_and_closes()
    {
        await _worlds.ApplyAsync(Three, "one");
        var moved = Assert.Single((await _worlds.PlanAsync(Three.Replace("8080", "8081", StringComparison.Ordinal))).Changes);
        Assert.Equal((PlannedAction.Update, true, "moves from port 8080 to port 8081"), (moved.Action, moved.Endpoint, moved.Summary));
        var closed = (await _worlds.PlanAsync(Two)).Changes;
        Assert.Equal((PlannedAction.Delete, true), (Assert.Single(closed).Action, closed[0].Endpoint));
    }

    [Fact]
    public async Task The_shared_file_is_merged_in()
    {
        var files = Worlds.Yaml("  - directory: one\n").Add("shared.yaml",
            Encoding.UTF8.GetBytes("version: 1\nresources:\n  - directory: two\n"));
        var plan = await _worlds.Engine().PlanAsync(Worlds.Staging, files, TestContext.Current.CancellationToken);
        Assert.Equal(["directory.one", "directory.two"], plan.Changes.Select(change => change.Address));
    }

    [Fact]
    public async Task A_state_nobody_made_is_empty()
    {
        var state = await ReadAsync();
        Assert.Equal(("", 0L, true, true), (state.Lineage, state.Serial, state.Resources.IsEmpty, state.Drift.IsEmpty));
    }

    [Theory]
    [InlineData("../shop", "staging")]
    [InlineData("shop", "../staging")]
    [InlineData("shop", "test")]
    [InlineData("Shop", "staging")]
    [InlineData("", "staging")]
    public async Task An_environment_of_another_name_is_refused(string application, string environment)
    {
        var key = new EnvironmentKey(application, environment);
        var cancellation = TestContext.Current.CancellationToken;
        var reason = await Worlds.RefusedAsync(() => _worlds.Engine().PlanAsync(key, Worlds.Yaml(""), cancellation));
        Assert.Equal("infrastructure.environment", reason.Code);
        await Assert.ThrowsAsync<RefusedException>(() => _worlds.Engine().ReadAsync(key, cancellation));
        await Assert.ThrowsAsync<RefusedException>(() => _worlds.Engine().ApplyAsync(key, default, "e", 1, null, cancellation));
    }

    private Task<InfrastructureState> ReadAsync() => _worlds.Engine().ReadAsync(Worlds.Staging, TestContext.Current.CancellationToken);
}
