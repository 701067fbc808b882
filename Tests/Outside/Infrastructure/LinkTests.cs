using System.Runtime.Versioning;

namespace Maestro.Outside.Infrastructure;

/// <summary>What runs in a world plants links that lead out of it.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinkTests : IDisposable
{
    private const string File1 = "  - file: data/key\n    content: new\n";

    private readonly Worlds _worlds = new();
    private readonly string _victim = Directory.CreateTempSubdirectory("maestro-victim-").FullName;

    public void Dispose()
    {
        _worlds.Dispose();
        Directory.Delete(_victim, recursive: true);
    }

    [Fact]
    public async Task A_folder_turned_into_a_link_is_not_written_through()
    {
        Plant();
        Assert.Equal("infrastructure.link", (await Worlds.RefusedAsync(() => _worlds.PlanAsync(File1))).Code);
        Assert.Empty(Directory.GetFiles(_victim));
    }

    [Fact]
    public async Task A_link_planted_after_planning_is_not_written_through()
    {
        var plan = await _worlds.PlanAsync(File1);
        Plant();
        Assert.Equal("infrastructure.link", (await Worlds.RefusedAsync(() => _worlds.ApplyAsync(plan))).Code);
        Assert.Empty(Directory.GetFiles(_victim));
    }

    [Fact]
    public async Task A_link_planted_between_two_steps_is_not_written_through()
    {
        var plan = await _worlds.PlanAsync(File1);
        var engine = _worlds.Engine(step =>
        {
            if (step == "before file.data/key")
            {
                Directory.Delete(_worlds["data"]);
                Directory.CreateSymbolicLink(_worlds["data"], _victim);
            }
        });
        var reason = await Worlds.RefusedAsync(() =>
            engine.ApplyAsync(Worlds.Staging, plan.Document, "one", 1, null, TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.link", reason.Code);
        Assert.Empty(Directory.GetFiles(_victim));
    }

    [Fact]
    public async Task With_links_followed_the_same_attack_writes_outside_the_world()
    {
        var plan = await _worlds.PlanAsync(File1);
        Plant();
        var careless = new LocalInfrastructure(new LocalInfrastructureOptions(_worlds.Root), _worlds.Ports, Worlds.Gate, TimeProvider.System)
        {
            NoFollow = 0,
        };
        await careless.ApplyAsync(Worlds.Staging, plan.Document, "one", 1, null, TestContext.Current.CancellationToken);
        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(_victim, "key"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_turned_into_a_link_is_neither_read_nor_replaced_nor_deleted()
    {
        await _worlds.ApplyAsync(File1, "one");
        var target = Path.Combine(_victim, "secret");
        await File.WriteAllTextAsync(target, "secret", TestContext.Current.CancellationToken);
        File.Delete(_worlds["data/key"]);
        File.CreateSymbolicLink(_worlds["data/key"], target);
        Assert.Equal("infrastructure.link", (await Worlds.RefusedAsync(() => _worlds.PlanAsync(File1))).Code);
        Assert.Equal("infrastructure.link", (await Worlds.RefusedAsync(() => _worlds.PlanAsync("  - directory: data\n"))).Code);
        var state = await _worlds.Engine().ReadAsync(Worlds.Staging, TestContext.Current.CancellationToken);
        Assert.Contains("is a link", Assert.Single(state.Drift), StringComparison.Ordinal);
        Assert.Equal("secret", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_world_that_is_a_link_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(_worlds.Root, "shop"));
        Directory.CreateSymbolicLink(Path.Combine(_worlds.Root, "shop", "staging"), _victim);
        Assert.Equal("infrastructure.link", (await Worlds.RefusedAsync(() => _worlds.PlanAsync(File1))).Code);
    }

    private void Plant()
    {
        Directory.CreateDirectory(_worlds[""]);
        Directory.CreateSymbolicLink(_worlds["data"], _victim);
    }
}
