using System.Runtime.Versioning;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>What a plan or a state could be used for if its one check were not made.</summary>
[SupportedOSPlatform("linux")]
public sealed class PlanCounterTests : IDisposable
{
    private const string One = "  - file: a\n    content: one\n";
    private const string Two = "  - file: a\n    content: two\n";

    private readonly Worlds _worlds = new();

    public void Dispose() => _worlds.Dispose();

    [Fact]
    public async Task Without_the_check_a_plan_is_used_twice_and_undoes_what_came_between()
    {
        var plan = await _worlds.PlanAsync(One);
        await _worlds.ApplyAsync(plan, "one");
        await _worlds.ApplyAsync(Two, "two");
        Assert.Equal("infrastructure.plan-used", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan, "three"))).Code);
        Assert.Equal("two", await ContentAsync());

        await Careless.ApplyAsync(Worlds.Staging, plan.Document, "three", 1, null, TestContext.Current.CancellationToken);
        Assert.Equal("one", await ContentAsync());
    }

    [Fact]
    public async Task A_plan_ages_with_every_apply_even_when_its_use_is_forgotten()
    {
        var plan = await _worlds.PlanAsync(One);
        await _worlds.ApplyAsync(plan, "one");
        // More applies than the state remembers.
        for (var number = 0; number < 51; number++)
        {
            await _worlds.ApplyAsync(Two, $"later-{number}");
        }
        Assert.Equal("infrastructure.state-moved", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan, "again"))).Code);
        Assert.Equal("two", await ContentAsync());

        await Careless.ApplyAsync(Worlds.Staging, plan.Document, "again", 1, null, TestContext.Current.CancellationToken);
        Assert.Equal("one", await ContentAsync());
    }

    [Fact]
    public async Task Without_the_check_an_old_holder_of_the_lock_applies()
    {
        await _worlds.ApplyAsync(One, "one", token: 7);
        var plan = await _worlds.PlanAsync(Two);
        Assert.Equal("infrastructure.token-old", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan, "two", token: 6))).Code);
        Assert.Equal("one", await ContentAsync());

        await Careless.ApplyAsync(Worlds.Staging, plan.Document, "two", 6, null, TestContext.Current.CancellationToken);
        Assert.Equal("two", await ContentAsync());
    }

    [Fact]
    public async Task A_state_with_a_wrong_checksum_is_refused_and_with_the_right_one_it_is_believed()
    {
        await _worlds.ApplyAsync(One);
        var text = await File.ReadAllTextAsync(_worlds.State, TestContext.Current.CancellationToken);
        var (before, forged) = ("\"serial\":1", text.Replace("\"serial\":1", "\"serial\":9", StringComparison.Ordinal));
        Assert.Contains(before, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_worlds.State, forged, TestContext.Current.CancellationToken);
        var broken = await Assert.ThrowsAsync<OutsideException>(() => ReadAsync());
        Assert.Equal("infrastructure.state-damaged", broken.Reason.Code);

        await File.WriteAllTextAsync(_worlds.State, Resealed(text, forged), TestContext.Current.CancellationToken);
        Assert.Equal(9, (await ReadAsync()).Serial);
    }

    private LocalInfrastructure Careless => new(new LocalInfrastructureOptions(_worlds.Root), _worlds.Ports, Worlds.Gate, TimeProvider.System)
    {
        Fresh = (_, _, _, _, _) => { },
    };

    private Task<InfrastructureState> ReadAsync() => _worlds.Engine().ReadAsync(Worlds.Staging, TestContext.Current.CancellationToken);

    private Task<string> ContentAsync() => File.ReadAllTextAsync(_worlds["a"], TestContext.Current.CancellationToken);

    // The file is {"digest":"…","state":{…}}, and the digest is of the state alone.
    private static string Resealed(string text, string forged)
    {
        string StateOf(string file) => file[(file.IndexOf("\"state\":", StringComparison.Ordinal) + "\"state\":".Length)..^1];
        var old = Digest.Of(Encoding.UTF8.GetBytes(StateOf(text))).Hex;
        Assert.Contains(old, text, StringComparison.Ordinal);
        return forged.Replace(old, Digest.Of(Encoding.UTF8.GetBytes(StateOf(forged))).Hex, StringComparison.Ordinal);
    }
}
