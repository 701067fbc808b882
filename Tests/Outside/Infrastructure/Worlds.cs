using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text;
using Maestro.Custody;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>A root folder of its own for one test, gone afterwards.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Worlds : IDisposable
{
    public static readonly EnvironmentKey Staging = new("shop", "staging");

    public Worlds() => Root = Directory.CreateTempSubdirectory("maestro-worlds-").FullName;

    public string Root { get; }

    public RegisteredPorts Ports { get; } = new(new Dictionary<EnvironmentKey, ImmutableArray<int>>
    {
        [Staging] = [8080, 8081],
        [new("shop", "production")] = [8090],
    });

    /// <summary>No key is known here, so only staging is touched.</summary>
    public static LeaseGate Gate { get; } = new(() => throw new InvalidOperationException("Staging asks for no key."), TimeProvider.System);

    public string this[string path] => Path.Combine(Root, "shop", "staging", path);

    public string State => EnvironmentFiles.Of(Root, Staging).State;

    public Journal Journal => new(EnvironmentFiles.Of(Root, Staging));

    public LocalInfrastructure Engine(Action<string>? reached = null) =>
        new(new LocalInfrastructureOptions(Root), Ports, Gate, TimeProvider.System) { Reached = reached };

    public static ImmutableDictionary<string, byte[]> Yaml(string resources, string file = "staging.yaml") =>
        ImmutableDictionary<string, byte[]>.Empty.Add(file, Encoding.UTF8.GetBytes("version: 1\nresources:\n" + resources));

    public async Task<InfrastructurePlan> PlanAsync(string resources) =>
        await Engine().PlanAsync(Staging, Yaml(resources), TestContext.Current.CancellationToken);

    public async Task<InfrastructureState> ApplyAsync(InfrastructurePlan plan, string effect = "pr/local/acme/shop/1/a1/ProvisionStaging",
        long token = 1) =>
        await Engine().ApplyAsync(Staging, plan.Document, effect, token, null, TestContext.Current.CancellationToken);

    public async Task<InfrastructureState> ApplyAsync(string resources, string effect = "pr/local/acme/shop/1/a1/ProvisionStaging",
        long token = 1) =>
        await ApplyAsync(await PlanAsync(resources), effect, token);

    /// <summary>Every file and folder of the world with its content, for comparison.</summary>
    public ImmutableSortedDictionary<string, string> Contents()
    {
        var world = this[""];
        return !Directory.Exists(world)
            ? ImmutableSortedDictionary<string, string>.Empty
            : Directory.EnumerateFileSystemEntries(world, "*", SearchOption.AllDirectories).ToImmutableSortedDictionary(
                path => Path.GetRelativePath(world, path), path =>
                    Directory.Exists(path) ? "" : $"{File.GetUnixFileMode(path)} {File.ReadAllText(path)}");
    }

    public static async Task<Reason> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<RefusedException>(act)).Reason;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
