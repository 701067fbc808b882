using System.Globalization;
using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Hosting;
using Maestro.Manifests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Outside.Processes;

/// <summary>A data folder of its own with a git host, and as many silos' workshops and runtimes on it as a test wants.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly List<ProcessRunner> _runners = [];
    private readonly HashSet<string> _instances = [];
    private readonly HashSet<string> _work = [];

    public Workplace(string? folder = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("maestro-work-").FullName;
        Journal = Path.Combine(Folder, "journal");
    }

    public static bool CanSandbox { get; } = File.Exists("/usr/bin/bwrap");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string Folder { get; }

    /// <summary>A file outside of all work, to which unsandboxed scripts append what they do.</summary>
    public string Journal { get; }

    public FolderGitHost Git { get; } = new();

    public WorkLimits Limits { get; init; } = WorkLimits.Default;

    public bool Unsandboxed { get; init; } = !CanSandbox;

    public ProcessRunner Runner(string name = "work") =>
        Keep(new(Path.Combine(Folder, name), SelfCommand.Current, TimeProvider.System, NullLogger<ProcessRunner>.Instance));

    /// <summary>The workshop of another silo that has just started on the same folder.</summary>
    public ProcessWorkshop Workshop(ProcessRunner? runner = null, bool? unsandboxed = null) => new(
        new(Path.Combine(Folder, "work"), unsandboxed ?? Unsandboxed, Folder) { Limits = Limits },
        Git, runner ?? Runner(), TimeProvider.System);

    public ProcessRuntime Runtime(bool? unsandboxed = null) => new(
        new(Path.Combine(Folder, "runtime"), Path.Combine(Folder, "work"), unsandboxed ?? Unsandboxed, Folder) { LogBytes = 64 << 10 },
        Runner(Path.Combine("runtime", "instances")));

    public string Script(string content, string name = "build.sh")
    {
        Git.Files[name] = $"#!/bin/sh\nset -e\n{content}\n";
        return $"./{name}";
    }

    public static Manifest Manifest(string command, TimeSpan? within = null, string output = "out") => new(
        "shop", new([command], within ?? TimeSpan.FromMinutes(2)), output, new(["./test.sh"], TimeSpan.FromMinutes(1)),
        new(["./serve.sh"], "PORT", []), null, MergeMode.After, new(TimeSpan.FromMinutes(1), 1));

    public static ChangeOpened Change(string tree = "tree-1") => new(
        new Application("shop", "local", "acme", "shop", "platform", "local", new("staging", 5001, 1), new("production", 5002, 1)),
        42, "A change", "feature", "main", "head", "base", tree, "merge", "ann", ["ann"], true, []);

    public async Task<Work<ImageBuilt>> BuildAsync(
        string command, string effect = "pr/local/acme/shop/42/a1/Build", TimeSpan? within = null, ProcessWorkshop? workshop = null)
    {
        _work.Add(effect);
        workshop ??= Workshop();
        Work<ImageBuilt>? work = null;
        await UntilAsync("the build ends", async () =>
        {
            work = await workshop.BuildAsync(effect, Change(), Manifest(command, within), Cancellation);
            return work is not Work<ImageBuilt>.Running;
        });
        return work!;
    }

    public async Task<ImageBuilt> BuiltAsync(string content)
    {
        var work = await BuildAsync(Script(content), $"pr/local/acme/shop/42/a{_work.Count + 1}/Build");
        Assert.True(work is Work<ImageBuilt>.Done, work.ToString());
        return ((Work<ImageBuilt>.Done)work).Proof;
    }

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"Waited in vain until {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }

    public static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));

    /// <summary>The processes on this host that inherited the marker of any start in this workplace's folder.</summary>
    public ImmutableArray<int> Processes()
    {
        var markers = new[] { "work", Path.Combine("runtime", "instances") }
            .SelectMany(name => WorkShelf.Newest(Path.Combine(Folder, name))).Select(start => start.Work?.Marker).OfType<string>().ToList();
        return
        [
            .. ProcessTable.Read().Select(row => row.Pid)
                .Where(pid => markers.Any(marker => ProcessTable.HasVariable(pid, WorkFile.MarkerVariable, marker))),
        ];
    }

    public async Task<Instance> StartedAsync(ProcessRuntime runtime, string name, ImageBuilt image, params string[] command)
    {
        _instances.Add(name);
        return await runtime.StartAsync(
            name, new EnvironmentKey("shop", "staging"), image.Image, new RunSettings([.. command], "PORT", []), Cancellation);
    }

    public ProcessIdentity Leader(string effect, string runner = "work") =>
        new WorkShelf(Path.Combine(Folder, runner)).Newest(effect, out _)?.Claim
        ?? throw new InvalidOperationException("It has not begun.");

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        var workshop = Workshop();
        var runtime = Runtime();
        foreach (var effect in _work)
        {
            await workshop.StopAsync(effect, CancellationToken.None);
        }
        foreach (var name in _instances)
        {
            await runtime.StopAsync(name, TimeSpan.Zero, CancellationToken.None);
        }
        await UntilAsync("the log keeper is gone with the last instance", () =>
            !LogKeeper.IsRunning(Path.Combine(Folder, "runtime", "log-keeper")) || _instances.Count == 0);
        _runners.ForEach(runner => runner.Dispose());
        FolderRemoval.Remove(Folder);
    }

    private ProcessRunner Keep(ProcessRunner runner)
    {
        _runners.Add(runner);
        return runner;
    }
}
