using System.Runtime.Versioning;
using System.Text;

namespace Maestro.Outside.Infrastructure;

/// <summary>What protects the recorded state, and the plans that were made for it.</summary>
[SupportedOSPlatform("linux")]
public sealed class StateTests : IDisposable
{
    private const string One = "  - file: a\n    content: one\n";
    private const string Two = "  - file: a\n    content: two\n";

    private readonly Worlds _worlds = new();

    public void Dispose() => _worlds.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("not json")]
    public async Task A_damaged_state_is_said_to_be_damaged_and_left_as_it_is(string damaged)
    {
        await _worlds.ApplyAsync(One);
        var plan = await _worlds.PlanAsync(Two);
        await File.WriteAllTextAsync(_worlds.State, damaged, TestContext.Current.CancellationToken);
        await AssertDamagedAsync(() => _worlds.PlanAsync(Two));
        await AssertDamagedAsync(() => _worlds.ApplyAsync(plan, "two"));
        await AssertDamagedAsync(() => _worlds.Engine().ReadAsync(Worlds.Staging, TestContext.Current.CancellationToken));
        Assert.Equal(damaged, await File.ReadAllTextAsync(_worlds.State, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("\"serial\":1", "\"serial\":9")]
    [InlineData("\"token\":1", "\"token\":0")]
    [InlineData("file.a", "file.b")]
    public async Task An_edited_state_is_found_out(string before, string after)
    {
        await _worlds.ApplyAsync(One);
        var text = await File.ReadAllTextAsync(_worlds.State, TestContext.Current.CancellationToken);
        Assert.Contains(before, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_worlds.State, text.Replace(before, after, StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await AssertDamagedAsync(() => _worlds.PlanAsync(One));
    }

    [Fact]
    public async Task Every_cut_of_the_state_is_found_out()
    {
        await _worlds.ApplyAsync(One);
        var whole = await File.ReadAllBytesAsync(_worlds.State, TestContext.Current.CancellationToken);
        for (var length = 0; length < whole.Length; length += 7)
        {
            await File.WriteAllBytesAsync(_worlds.State, whole[..length], TestContext.Current.CancellationToken);
            await AssertDamagedAsync(() => _worlds.PlanAsync(One));
        }
    }

    [Fact]
    public async Task A_state_that_is_gone_while_the_journal_is_there_is_not_made_anew()
    {
        await _worlds.ApplyAsync(One);
        File.Delete(_worlds.State);
        await AssertDamagedAsync(() => _worlds.PlanAsync(One));
    }

    [Fact]
    public async Task Another_environments_state_is_refused()
    {
        await _worlds.ApplyAsync(One);
        var production = EnvironmentFiles.Of(_worlds.Root, new("shop", "production")).State;
        File.Copy(_worlds.State, production);
        var reason = await Worlds.RefusedAsync(() =>
            _worlds.Engine().ReadAsync(new("shop", "production"), TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.state-foreign", reason.Code);
    }

    [Fact]
    public async Task A_plan_for_a_state_that_moved_is_refused()
    {
        var first = await _worlds.PlanAsync(One);
        var second = await _worlds.PlanAsync(Two);
        await _worlds.ApplyAsync(first, "one");
        Assert.Equal("infrastructure.state-moved", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(second, "two"))).Code);
        Assert.Equal("one", await File.ReadAllTextAsync(_worlds["a"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_the_check_a_stale_plan_overwrites_what_came_after_it()
    {
        var stale = await _worlds.PlanAsync(One);
        await _worlds.ApplyAsync(await _worlds.PlanAsync(Two), "two");
        var careless = new LocalInfrastructure(new LocalInfrastructureOptions(_worlds.Root), _worlds.Ports, Worlds.Gate, TimeProvider.System)
        {
            Fresh = (_, _, _, _, _) => { },
        };
        await careless.ApplyAsync(Worlds.Staging, stale.Document, "one", 1, null, TestContext.Current.CancellationToken);
        Assert.Equal("one", await File.ReadAllTextAsync(_worlds["a"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_plan_is_used_by_one_effect_only()
    {
        var plan = await _worlds.PlanAsync(One);
        await _worlds.ApplyAsync(plan, "one");
        Assert.Equal("infrastructure.plan-used", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan, "two"))).Code);
    }

    [Fact]
    public async Task An_effect_applies_one_plan_only()
    {
        await _worlds.ApplyAsync(One, "one");
        Assert.Equal("infrastructure.effect-used", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(Two, "one"))).Code);
    }

    [Fact]
    public async Task An_old_token_is_refused()
    {
        await _worlds.ApplyAsync(One, "one", token: 7);
        var plan = await _worlds.PlanAsync(Two);
        Assert.Equal("infrastructure.token-old", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan, "two", token: 6))).Code);
        Assert.Equal(2, (await _worlds.ApplyAsync(plan, "two", token: 7)).Serial);
    }

    [Fact]
    public async Task An_effect_that_was_applied_answers_with_the_state_it_left_and_does_nothing()
    {
        var plan = await _worlds.PlanAsync(One);
        var first = await _worlds.ApplyAsync(plan, "one");
        await _worlds.ApplyAsync("  - file: b\n    content: b\n", "two");
        var lines = _worlds.Journal.Read().Count();
        var again = await _worlds.ApplyAsync(plan, "one");
        Assert.Equal((first.Serial, first.Lineage), (again.Serial, again.Lineage));
        Assert.Equal(first.Resources.AsEnumerable(), again.Resources);
        Assert.Equal(lines, _worlds.Journal.Read().Count());
        Assert.False(File.Exists(_worlds["a"]));
    }

    [Fact]
    public async Task A_plan_of_another_environment_or_spelling_is_refused()
    {
        var plan = Encoding.UTF8.GetString((await _worlds.PlanAsync(One)).Document.Span);
        string[] forged =
        [
            plan.Replace("\"staging\"", "\"production\"", StringComparison.Ordinal), plan + " ",
                plan.Replace(":", ": ", StringComparison.Ordinal),
            plan.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal),
                plan.Replace("\"version\":1", "\"version\":1,\"extra\":1", StringComparison.Ordinal),
            plan.Replace("file.a", "file.../a", StringComparison.Ordinal),
                plan.Replace("\"mode\":420", "\"mode\":2541", StringComparison.Ordinal),
            plan.Replace("\"action\":\"create\"", "\"action\":\"delete\"", StringComparison.Ordinal), plan[..^1], "", "null", "{}",
        ];
        foreach (var document in forged)
        {
            Assert.NotEqual(plan, document);
            var reason = await Worlds.RefusedAsync(() =>
                _worlds.Engine().ApplyAsync(Worlds.Staging, Encoding.UTF8.GetBytes(document), "one", 1, null,
                    TestContext.Current.CancellationToken));
            Assert.Equal("infrastructure.plan-malformed", reason.Code);
        }
        Assert.Empty(_worlds.Contents());
    }

    [Fact]
    public async Task A_forged_deletion_of_an_unrecorded_file_is_refused()
    {
        await _worlds.ApplyAsync(One, "one");
        await File.WriteAllTextAsync(_worlds["photo"], "mine", TestContext.Current.CancellationToken);
        var plan = Encoding.UTF8.GetString((await _worlds.PlanAsync("")).Document.Span).Replace("file.a", "file.photo",
            StringComparison.Ordinal);
        var reason = await Worlds.RefusedAsync(() =>
            _worlds.Engine().ApplyAsync(Worlds.Staging, Encoding.UTF8.GetBytes(plan), "two", 1, null, TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.unrecorded", reason.Code);
        Assert.True(File.Exists(_worlds["photo"]));
    }

    [Fact]
    public async Task One_apply_at_a_time_and_a_held_lock_is_said_to_be_held()
    {
        var plan = await _worlds.PlanAsync(One);
        var files = EnvironmentFiles.Of(_worlds.Root, Worlds.Staging);
        await using var held = await EnvironmentLock.AcquireAsync(files.Lock, TimeSpan.Zero, TimeProvider.System,
            TestContext.Current.CancellationToken);
        var impatient = new LocalInfrastructure(
            new LocalInfrastructureOptions(_worlds.Root) { LockWithin = TimeSpan.FromMilliseconds(100) }, _worlds.Ports, Worlds.Gate,
                TimeProvider.System);
        var broken = await Assert.ThrowsAsync<OutsideException>(() =>
            impatient.ApplyAsync(Worlds.Staging, plan.Document, "one", 1, null, TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.locked", broken.Reason.Code);
    }

    [Fact]
    public async Task Of_many_applies_at_once_of_one_effect_one_acts()
    {
        var plan = await _worlds.PlanAsync(One);
        var states = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _worlds.ApplyAsync(plan)));
        Assert.All(states, state => Assert.Equal(1, state.Serial));
        Assert.Single(_worlds.Journal.Read());
    }

    private static async Task AssertDamagedAsync(Func<Task> act) =>
        Assert.Equal("infrastructure.state-damaged", (await Assert.ThrowsAsync<OutsideException>(act)).Reason.Code);
}
