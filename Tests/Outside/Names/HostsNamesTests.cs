using System.Runtime.Versioning;
using Maestro.Deployments;

namespace Maestro.Outside.Names;

[SupportedOSPlatform("linux")]
public sealed class HostsNamesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-names-").FullName;
    private readonly HostsNames _names;

    public HostsNamesTests() => _names = new HostsNames(Hosts, TimeProvider.System);

    private string Hosts => Path.Combine(_folder, "hosts");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_name_is_written_once_moved_and_kept_beside_others()
    {
        await PointAsync("shop", "staging", 8080);
        await PointAsync("shop", "staging", 8080);
        await PointAsync("shop", "production", 8090);
        await PointAsync("shop", "staging", 8081);
        Assert.Equal(
            "# BEGIN maestro\n127.0.0.1 production.shop.localhost # port 8090\n127.0.0.1 staging.shop.localhost # port 8081\n# END maestro\n",
            await File.ReadAllTextAsync(Hosts, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("127.0.0.1 localhost")]
    [InlineData("127.0.0.1 localhost\n\n")]
    public async Task Other_lines_stay_as_they_are(string others)
    {
        await File.WriteAllTextAsync(Hosts, others, TestContext.Current.CancellationToken);
        await PointAsync("shop", "staging", 8080);
        await File.AppendAllTextAsync(Hosts, "10.0.0.1 below\n", TestContext.Current.CancellationToken);
        await PointAsync("shop", "staging", 8081);
        var text = await File.ReadAllTextAsync(Hosts, TestContext.Current.CancellationToken);
        Assert.StartsWith(others.TrimEnd('\n') + "\n", text, StringComparison.Ordinal);
        Assert.EndsWith("# port 8081\n# END maestro\n10.0.0.1 below\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop\n10.0.0.1 bank", "staging", 8080)]
    [InlineData("shop", "staging ", 8080)]
    [InlineData("", "staging", 8080)]
    [InlineData("shop", "staging", 0)]
    [InlineData("shop", "staging", 65536)]
    public async Task Anything_but_a_name_and_a_port_is_refused(string application, string environment, int port)
    {
        await Assert.ThrowsAsync<RefusedException>(() => PointAsync(application, environment, port));
        Assert.False(File.Exists(Hosts));
    }

    [Theory]
    [InlineData("# BEGIN maestro\n")]
    [InlineData("# END maestro\n")]
    [InlineData("# END maestro\n# BEGIN maestro\n")]
    [InlineData("# BEGIN maestro\n# END maestro\n# BEGIN maestro\n# END maestro\n")]
    public async Task Half_a_block_is_not_repaired_by_guessing(string damaged)
    {
        await File.WriteAllTextAsync(Hosts, damaged, TestContext.Current.CancellationToken);
        Assert.Equal("names.file", (await Assert.ThrowsAsync<OutsideException>(() => PointAsync("shop", "staging", 8080))).Reason.Code);
        Assert.Equal(damaged, await File.ReadAllTextAsync(Hosts, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Many_at_once_lose_no_name()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(index => PointAsync($"app{index}", "staging", 8080 + index)));
        Assert.Equal(12, (await File.ReadAllLinesAsync(Hosts, TestContext.Current.CancellationToken)).Length);
    }

    private Task PointAsync(string application, string environment, int port) =>
        _names.PointAsync(new EnvironmentKey(application, environment), port, TestContext.Current.CancellationToken);
}
