using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Hosting;

namespace Maestro.Outside.Processes;

/// <summary>
/// Runs instances of images as processes on this host, each on a loopback port of its own. They live on when the silo ends.
/// </summary>
/// <param name="runner">A runner of its own: its folder is <see cref="RuntimeOptions.Folder"/>/instances.</param>
internal sealed class ProcessRuntime(RuntimeOptions options, ProcessRunner runner) : IRuntime
{
    private const string ImageInside = "/app", StateInside = "/state", InfrastructureInside = "/infrastructure";
    private const int KeptInstances = 50;

    private readonly ImageStore _images = new(options.Images, options.Limits);
    private readonly string _keeper = Path.Combine(options.Folder, "log-keeper");
    private readonly Lazy<Sandbox> _sandbox = new(
        () => Sandbox.Require(options.Unsandboxed, [options.Hidden]), LazyThreadSafetyMode.PublicationOnly);

    public async Task<Instance> StartAsync(
        string name, EnvironmentKey environment, Digest image, RunSettings run, CancellationToken cancellation)
    {
        using var turn = await runner.EnterAsync(name, cancellation);
        var subject = $"{environment} {image}";
        if (runner.Look(name) is WorkState.Running running)
        {
            return running.Work.Subject == subject ? Describe(running.Folder, running.Work, exited: false)
                : throw new RefusedException(new Reason(
                    "instance.mismatch", "An instance's name is bound to one image in one environment.", subject, running.Work.Subject,
                    "Stop it first, or use another name."));
        }
        var sandbox = _sandbox.Value;
        await _images.VerifyAsync("instance", image, null, cancellation);
        var program = CommandLookup.Require("instance", run.Command, _images.Folder(image));
        var state = State(environment);
        var draft = runner.Draft();
        try
        {
            await runner.StartAsync(
                name, draft, place => Describe(place, sandbox, name, environment, image, run, program, state, subject), cancellation);
        }
        catch (IOException failure)
        {
            throw new OutsideException(new Reason(
                "instance.disk", "An instance needs room on the disk.", "files that can be written", failure.Message, "Free some space."),
                failure);
        }
        finally
        {
            FolderRemoval.Remove(draft.Path);
        }
        KeepLogs();
        return await FindCoreAsync(name) ?? throw new OutsideException(new Reason(
            "instance.lost", "What was started is found.", name, "nothing", "Ask again."));
    }

    public async Task<Instance?> FindAsync(string name, CancellationToken cancellation)
    {
        using var turn = await runner.EnterAsync(name, cancellation);
        return await FindCoreAsync(name);
    }

    public async Task StopAsync(string name, TimeSpan grace, CancellationToken cancellation)
    {
        using var turn = await runner.EnterAsync(name, cancellation);
        await runner.StopAsync(name, grace, cancellation);
    }

    /// <summary>Stops every instance that nobody names any more, and forgets those that ended long ago.</summary>
    /// <param name="keep">
    /// Says whether a deployment or an environment still knows the name. It is asked just before the stop, while nobody else can start the instance.
    /// </param>
    /// <returns>The names of the stopped.</returns>
    public async Task<ImmutableArray<string>> SweepAsync(Func<string, Task<bool>> keep, TimeSpan grace, CancellationToken cancellation)
    {
        var orphans = ImmutableArray.CreateBuilder<string>();
        foreach (var name in WorkShelf.Newest(runner.Folder).Where(start => !start.WasStopped).Select(start => start.Work?.Effect).OfType<string>().ToList())
        {
            using var turn = await runner.EnterAsync(name, cancellation);
            if (!await keep(name))
            {
                await runner.StopAsync(name, grace, cancellation);
                orphans.Add(name);
            }
        }
        runner.Sweep(KeptInstances);
        return orphans.ToImmutable();
    }

    private async Task<Instance?> FindCoreAsync(string name)
    {
        switch (runner.Look(name))
        {
            case WorkState.Running running:
                KeepLogs();
                return Describe(running.Folder, running.Work, exited: false);
            case WorkState.Lost lost:
                await runner.EndLeftoversAsync(name, CancellationToken.None);
                return Describe(lost.Folder, lost.Work, exited: true);
            case WorkState.NeverBegan late:
                return Describe(late.Folder, late.Work, exited: true);
            default:
                return null;
        }
    }

    private Instance Describe(WorkFolder folder, WorkFile work, bool exited)
    {
        var tail = OutputTail.Read(folder.Output);
        var listens = !exited && ListeningPort.IsHeldBy(work.Port, runner.Family(folder, work));
        return new(
            work.Effect, new UriBuilder("http", IPAddress.Loopback.ToString(), work.Port).Uri, exited, listens,
            tail.Length > 0 ? tail : new UntrustedText(folder.Complaints ?? "").Shown());
    }

    private WorkFile Describe(
        WorkFolder place, Sandbox sandbox, string name, EnvironmentKey environment, Digest image, RunSettings run, string program,
        string state, string subject)
    {
        var confined = sandbox.Confines;
        var port = FreePort();
        var infrastructure = options.Infrastructure(environment);
        var mounts = ImmutableArray.Create(
            new Mount(_images.Folder(image), ImageInside, Writable: false), new Mount(state, StateInside, Writable: true));
        var (home, temporary) = confined ? ("/tmp/home", "/tmp") : (place.Root, place.Root);
        var variables = CleanEnvironment.ForInstance(home, temporary)
            .SetItem("MAESTRO_ENVIRONMENT", environment.Environment)
            .SetItem("MAESTRO_RELEASE", name)
            .SetItem("MAESTRO_STATE", confined ? StateInside : state)
            .SetItem(run.PortVariable, port.ToString(CultureInfo.InvariantCulture));
        if (infrastructure is not null)
        {
            mounts = mounts.Add(new(infrastructure, InfrastructureInside, Writable: true));
            variables = variables.SetItem("MAESTRO_INFRASTRUCTURE", confined ? InfrastructureInside : infrastructure);
        }
        var command = confined ? run.Command : run.Command.SetItem(0, program);
        return new(
            WorkMode.Become, name, Token: 0, Owner: "", subject, Marker: "", default,
            sandbox.Wrap(new(mounts, Network: true, DieWithParent: false, ImageInside), command), variables,
            confined ? "/" : _images.Folder(image), WorkLimits.Default with { OutputBytes = options.LogBytes }, [], confined, port);
    }

    private string State(EnvironmentKey environment)
    {
        var name = $"{environment.Application}-{environment.Environment}";
        if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
        {
            throw new RefusedException(new Reason(
                "instance.name", "Application and environment are plain names.", "letters, digits and dashes",
                new UntrustedText(name).Shown(80), "Register the application again."));
        }
        return Directory.CreateDirectory(Path.Combine(options.Folder, "state", name)).FullName;
    }

    /// <summary>A port that is free now and that no live instance was given, whether it listens yet or not.</summary>
    private int FreePort()
    {
        var taken = WorkShelf.Newest(runner.Folder).Where(start => start.Claim is null or { IsAlive: true })
            .Select(start => start.Work?.Port ?? 0).ToHashSet();
        int port;
        do
        {
            port = Ports.Free();
        }
        while (taken.Contains(port) || options.ReservedPorts.Contains(port));
        return port;
    }

    /// <summary>Waits until the log keeper, which ends by itself when no instance is left, has ended; ten seconds at most.</summary>
    public async Task UntilQuietAsync(TimeProvider time, CancellationToken cancellation)
    {
        for (var look = 0; look < 100 && LogKeeper.IsRunning(_keeper); look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
    }

    private void KeepLogs()
    {
        if (LogKeeper.IsRunning(_keeper))
        {
            return;
        }
        const string marker = "log-keeper";
        new WorkFolder(_keeper).Write(new WorkFile(
            WorkMode.KeepLogs, marker, 1, "", "", marker, default, [], ImmutableSortedDictionary<string, string>.Empty, "/",
            WorkLimits.Default with { OutputBytes = options.LogBytes }, [runner.Folder], Sandboxed: false, Port: 0));
        runner.Launch(_keeper, marker);
    }
}
