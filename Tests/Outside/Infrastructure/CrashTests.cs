using System.Runtime.Versioning;

namespace Maestro.Outside.Infrastructure;

/// <summary>The engine dies at every step of an apply that creates, changes and deletes; the same effect then goes on.</summary>
[SupportedOSPlatform("linux")]
public sealed class CrashTests
{
    private const string Before =
        "  - directory: old/deep\n  - file: old/deep/f\n    content: x\n"
        + "  - file: same\n    content: one\n  - port: web\n    number: 8080\n";

    private const string After = "  - file: old\n    content: now a file\n";

    private const string Kept =
        "  - file: same\n    content: two\n  - directory: new\n"
        + "  - file: new/g\n    content: y\n    mode: 0600\n  - port: web\n    number: 8081\n";

    [Fact]
    public async Task Dying_at_any_step_and_going_on_is_as_if_it_ran_once()
    {
        using var model = new Worlds();
        var steps = new List<string>();
        var lineageFree = await RunAsync(model, steps.Add);
        Assert.True(steps.Count > 20);
        foreach (var fatal in steps)
        {
            using var worlds = new Worlds();
            await worlds.ApplyAsync(Before, "one");
            var plan = await worlds.PlanAsync(Kept);
            var dying = worlds.Engine(step =>
            {
                if (step == fatal)
                {
                    throw new CrashException(step);
                }
            });
            await Assert.ThrowsAsync<CrashException>(() =>
                dying.ApplyAsync(Worlds.Staging, plan.Document, "two", 2, null, TestContext.Current.CancellationToken));
            var state = await worlds.ApplyAsync(plan, "two", token: 2);
            Assert.Equal(lineageFree.Serial, state.Serial);
            Assert.Equal(lineageFree.Resources.AsEnumerable(), state.Resources);
            Assert.Empty(state.Drift);
            Assert.Equal(model.Contents().AsEnumerable(), worlds.Contents());
            AssertOnce(worlds, plan);
            Assert.Empty((await worlds.PlanAsync(Kept)).Changes);
        }
    }

    [Fact]
    public async Task Another_plan_takes_over_what_a_dead_apply_left_and_the_dead_one_does_not_come_back()
    {
        using var worlds = new Worlds();
        await worlds.ApplyAsync(Before, "one");
        var plan = await worlds.PlanAsync(Kept);
        var dying = worlds.Engine(step =>
        {
            if (step == "after file.new/g")
            {
                throw new CrashException(step);
            }
        });
        await Assert.ThrowsAsync<CrashException>(() =>
            dying.ApplyAsync(Worlds.Staging, plan.Document, "two", 2, null, TestContext.Current.CancellationToken));
        Assert.Contains("has begun and not ended", (await ReadAsync(worlds)).Drift[^1], StringComparison.Ordinal);

        var state = await worlds.ApplyAsync(Before, "three", token: 3);
        Assert.Equal(["old", "old/deep", "old/deep/f", "same"], worlds.Contents().Keys);
        Assert.Equal((2L, true), (state.Serial, state.Drift.IsEmpty));
        Assert.Equal("infrastructure.token-old", (await Worlds.RefusedAsync(() => worlds.ApplyAsync(plan, "two", token: 2))).Code);
        Assert.Equal("infrastructure.state-moved", (await Worlds.RefusedAsync(() => worlds.ApplyAsync(plan, "two", token: 3))).Code);
    }

    [Fact]
    public async Task Half_a_journal_line_swallows_no_other()
    {
        using var worlds = new Worlds();
        await worlds.ApplyAsync(Before, "one");
        var lines = worlds.Journal.Read().Count();
        await File.AppendAllTextAsync(EnvironmentFiles.Of(worlds.Root, Worlds.Staging).Journal, "{\"address\":\"fi",
            TestContext.Current.CancellationToken);
        await worlds.ApplyAsync(Before.Replace("8080", "8081", StringComparison.Ordinal), "two");
        Assert.Equal(lines + 1, worlds.Journal.Read().Count());
    }

    [Fact]
    public async Task A_directory_does_not_turn_into_a_file_in_one_plan()
    {
        using var worlds = new Worlds();
        await worlds.ApplyAsync(Before, "one");
        Assert.Equal("infrastructure.directory-in-the-way", (await Worlds.RefusedAsync(() => worlds.PlanAsync(After))).Code);
    }

    [Fact]
    public async Task A_file_turns_into_a_directory()
    {
        using var worlds = new Worlds();
        await worlds.ApplyAsync("  - file: place\n    content: x\n", "one");
        var state = await worlds.ApplyAsync("  - file: place/inner\n    content: x\n", "two");
        Assert.Equal((true, 2L), (state.Drift.IsEmpty, state.Serial));
        Assert.Equal(["place", "place/inner"], worlds.Contents().Keys);
    }

    private static async Task<InfrastructureState> RunAsync(Worlds worlds, Action<string> reached)
    {
        await worlds.ApplyAsync(Before, "one");
        var plan = await worlds.PlanAsync(Kept);
        var state = await worlds.Engine(reached).ApplyAsync(Worlds.Staging, plan.Document, "two", 2, null,
            TestContext.Current.CancellationToken);
        AssertOnce(worlds, plan);
        return state;
    }

    // Read from the journal of the world itself: a file or directory was touched once at most, and nothing was left out.
    private static void AssertOnce(Worlds worlds, InfrastructurePlan plan)
    {
        var lines = worlds.Journal.Read().Where(line => line.Effect == "two").ToList();
        Assert.Equal(plan.Changes.Select(change => change.Address).Order(), lines.Select(line => line.Address).Distinct().Order());
        Assert.All(
            lines.Where(line => line.Outcome == "done" && !Resource.IsPort(line.Address)).GroupBy(line => line.Address),
            done => Assert.Single(done));
    }

    private static Task<InfrastructureState> ReadAsync(Worlds worlds) =>
        worlds.Engine().ReadAsync(Worlds.Staging, TestContext.Current.CancellationToken);

    public sealed class CrashException : Exception
    {
        public CrashException(string message) : base(message) { }

        public CrashException() { }

        public CrashException(string message, Exception innerException) : base(message, innerException) { }
    }
}
