using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Outside.Processes;

/// <summary>
/// Starts work in processes of their own and finds it again under its effect's name, also after this silo died at any line. Its rows are
/// folders with atomic files rather than rows of a database: the launcher, which must publish a result without a silo, a database or
/// free disk space, then shares one truth with the silo, and a rename is as good a compare-and-set.
/// </summary>
/// <param name="isShared">Other silos of this host use the folder too.</param>
internal sealed partial class ProcessRunner(
    string folder, SelfCommand self, TimeProvider time, ILogger<ProcessRunner> log, bool isShared = false) : IDisposable
{
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OthersGrace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan HeartbeatExpiry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LauncherGrace = TimeSpan.FromSeconds(5);
    private const int Turns = 64;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new SemaphoreSlim(1))];
    private readonly ConcurrentDictionary<string, ProcessIdentity> _launched = new(StringComparer.Ordinal);
    private readonly WorkShelf _shelf = new(folder);
    private readonly string _owner = $"{ProcessIdentity.CurrentBoot}/{Path.GetRandomFileName()}";

    public string Folder { get; } = folder;

    /// <summary>One call at a time for one effect, in this silo.</summary>
    public async Task<IDisposable> EnterAsync(string effect, CancellationToken cancellation)
    {
        var turn = _turns[(uint)string.GetHashCode(effect, StringComparison.Ordinal) % Turns];
        await turn.WaitAsync(cancellation);
        return new Turn(turn);
    }

    /// <summary>How the work of this effect stands. Reads a few small files.</summary>
    public WorkState Look(string effect) =>
        _shelf.Newest(effect, out _) is { Work: { } work } start ? Look(start, work) : new WorkState.None();

    /// <summary>An empty folder for a start; its root is filled before <see cref="StartAsync"/>.</summary>
    public WorkFolder Draft() => _shelf.Draft();

    /// <summary>
    /// Makes the draft the next start of the effect and runs it, intent first. Where the effect's work runs already, the draft is dropped.
    /// </summary>
    /// <param name="describe">What to run, given the folder it will be in. Token, owner, marker and time are filled in here.</param>
    /// <exception cref="OutsideException">The launcher could not be started, or what an earlier start left behind does not end.</exception>
    public async Task StartAsync(string effect, WorkFolder draft, Func<WorkFolder, WorkFile> describe, CancellationToken cancellation)
    {
        var last = _shelf.Newest(effect, out var token);
        if (last is { Work: { } work } && Look(last, work) is WorkState.Running)
        {
            FolderRemoval.Remove(draft.Path);
            return;
        }
        await EndLeftoversAsync(effect, cancellation);
        var place = _shelf.At(effect, token + 1);
        // Not derived from the name: two installations on one host may run the same effect, and must not end each other's.
        var marker = Path.GetRandomFileName() + Path.GetRandomFileName();
        var order = describe(place);
        draft.Write(order with
        {
            Effect = effect,
            Token = token + 1,
            Owner = _owner,
            Marker = marker,
            At = time.GetUtcNow(),
            Environment = order.Environment.SetItem(WorkFile.MarkerVariable, marker),
        });
        if (!_shelf.TryPublish(draft, place))
        {
            FolderRemoval.Remove(draft.Path);
            return;
        }
        if (last is not null)
        {
            FolderRemoval.Remove(last.Root);
        }
        Launch(place.Path, marker);
        LogStarted(effect, token + 1);
    }

    /// <summary>Runs a launcher on a folder that has its <c>work.json</c>.</summary>
    /// <exception cref="OutsideException">The launcher could not be started.</exception>
    public void Launch(string place, string marker)
    {
        var info = new ProcessStartInfo(self.Program, [.. self.Arguments, "work", place])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment.ForLauncher(marker))
        {
            info.Environment[name] = value;
        }
        try
        {
            using var process = Process.Start(info);
            _launched[place] = ProcessIdentity.Of(process?.Id ?? 0) ?? ProcessIdentity.Nobody;
        }
        catch (Win32Exception failure)
        {
            throw new OutsideException(new Reason(
                "work.not-started", "Work runs in a process of its own.", $"'{self.Program}' starts", failure.Message,
                "Check the installation."), failure);
        }
    }

    /// <summary>Ends the work of this effect and waits until no process of it is left. Ending nothing is success.</summary>
    /// <param name="grace">How long an application may take to end by itself; work is given a fixed short time.</param>
    /// <exception cref="OutsideException">A process did not end.</exception>
    public async Task StopAsync(string effect, TimeSpan grace, CancellationToken cancellation)
    {
        if (_shelf.Newest(effect, out _) is not { Work: { } work } start || start.Result is not null || start.WasStopped)
        {
            return;
        }
        start.TryClaim(ProcessIdentity.Nobody);
        var leader = start.Claim ?? ProcessIdentity.Nobody;
        if (work.Mode == WorkMode.Run && leader.IsAlive)
        {
            NativeMethods.Signal(leader.Pid, NativeMethods.Terminate);
            await WaitAsync(() => !leader.IsAlive, LauncherGrace, cancellation);
            grace = TimeSpan.Zero;
        }
        await EndAsync(work, leader, grace, cancellation);
        if (start.Result is null or { Ended: WorkEnd.Signal })
        {
            start.MarkStopped();
        }
        LogStopped(effect, work.Token);
    }

    /// <summary>The processes of this start that run now.</summary>
    public ImmutableArray<ProcessRow> Family(WorkFolder start, WorkFile work) =>
        new ProcessFamily(start.Claim ?? ProcessIdentity.Nobody, work.Marker, time).Members(marked: false);

    /// <summary>Ends what a dead leader may have left behind.</summary>
    /// <exception cref="OutsideException">A process did not end.</exception>
    public Task EndLeftoversAsync(string effect, CancellationToken cancellation) =>
        _shelf.Newest(effect, out _) is { Work: { } work, Claim: { IsAlive: false } leader }
            ? EndAsync(work, leader, TimeSpan.Zero, cancellation)
            : Task.CompletedTask;

    /// <summary>Removes finished work beyond the newest, and what starts that never came to be have left.</summary>
    public int Sweep(int keep) => _shelf.Sweep(keep, start => start.Work is { } work && Look(start, work) is WorkState.Running);

    public void Dispose() => Array.ForEach(_turns, turn => turn.Dispose());

    private WorkState Look(WorkFolder start, WorkFile work)
    {
        if (start.WasStopped)
        {
            return new WorkState.Stopped(start, work);
        }
        if (start.Result is { } result)
        {
            return new WorkState.Ended(start, work, result);
        }
        var claim = start.Claim;
        if (claim is not null)
        {
            _launched.TryRemove(start.Path, out _);
        }
        else if (_launched.TryGetValue(start.Path, out var launcher) && launcher.IsAlive && time.GetUtcNow() - work.At < StartGrace)
        {
            return new WorkState.Running(start, work);
        }
        // Another silo of this host has only just started it, so its launcher is on its way.
        if (isShared && claim is null && work.Owner != _owner && time.GetUtcNow() - work.At < OthersGrace)
        {
            return new WorkState.Running(start, work);
        }
        // A launcher that nobody waits for may still be on its way: whoever links the claim first decides.
        if (claim is null && start.TryClaim(ProcessIdentity.Nobody))
        {
            LogTakenOver(work.Effect, work.Token);
            return new WorkState.NeverBegan(start, work);
        }
        claim = start.Claim;
        return claim switch
        {
            { Pid: 0 } => new WorkState.NeverBegan(start, work),
            { IsAlive: true } => new WorkState.Running(start, work),
            { } other when other.Boot != ProcessIdentity.CurrentBoot && time.GetUtcNow() - start.Heartbeat < HeartbeatExpiry =>
                new WorkState.Running(start, work),
            // It may have published and ended between the two looks.
            _ => start.Result is { } late ? new WorkState.Ended(start, work, late) : new WorkState.Lost(start, work),
        };
    }

    private async Task EndAsync(WorkFile work, ProcessIdentity leader, TimeSpan grace, CancellationToken cancellation)
    {
        // The sandbox's own two processes end with the application; asked themselves, they would take it with them at once.
        var family = new ProcessFamily(leader, work.Marker, time);
        try
        {
            await family.EndAsync(grace, row => work.Sandboxed && (row.Pid == leader.Pid || row.Parent == leader.Pid), cancellation);
        }
        catch (TimeoutException stubborn)
        {
            throw new OutsideException(new Reason(
                "work.not-ended", "Work that is stopped is gone before anything follows.", "no process", stubborn.Message,
                "End the process by hand."), stubborn);
        }
    }

    private async Task WaitAsync(Func<bool> condition, TimeSpan within, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (!condition() && time.GetElapsedTime(start) < within)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Effect}: start {Token} runs in a process of its own")]
    private partial void LogStarted(string effect, int token);

    [LoggerMessage(LogLevel.Information, "{Effect}: start {Token} was stopped, and no process of it is left")]
    private partial void LogStopped(string effect, int token);

    [LoggerMessage(LogLevel.Warning, "{Effect}: start {Token} never began, and will not")]
    private partial void LogTakenOver(string effect, int token);

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}

/// <summary>How the work of an effect stands.</summary>
internal abstract record WorkState
{
    private WorkState() { }

    /// <summary>Nobody ever asked for it.</summary>
    public sealed record None : WorkState;

    public sealed record Running(WorkFolder Folder, WorkFile Work) : WorkState;

    /// <summary>It ran to an end and said so.</summary>
    public sealed record Ended(WorkFolder Folder, WorkFile Work, WorkResult Result) : WorkState;

    /// <summary>Its launcher never came, and cannot come any more: nothing has run.</summary>
    public sealed record NeverBegan(WorkFolder Folder, WorkFile Work) : WorkState;

    /// <summary>Its process is gone without a result.</summary>
    public sealed record Lost(WorkFolder Folder, WorkFile Work) : WorkState;

    /// <summary>It was stopped on purpose.</summary>
    public sealed record Stopped(WorkFolder Folder, WorkFile Work) : WorkState;
}
