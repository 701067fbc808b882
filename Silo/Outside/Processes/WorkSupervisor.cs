using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Maestro.Outside.Processes;

/// <summary>Runs one command to its end under limits, and leaves no process of it behind.</summary>
internal sealed class WorkSupervisor(WorkFolder folder, WorkFile work, TimeProvider time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessFamily _family = new(ProcessIdentity.Current, work.Marker, time);
    private readonly long _start = time.GetTimestamp();

    public async Task<WorkResult> RunAsync()
    {
        NativeMethods.AdoptOrphans();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Asked);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Asked);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Asked);
        folder.Beat(time.GetUtcNow());
        using var process = new Process { StartInfo = StartInfo() };
        var exited = await StartAsync(process);
        if (exited is null)
        {
            return new(127, Seconds, WorkEnd.NotStarted, $"'{work.Command[0]}' could not be started.");
        }
        await using var output = new BoundedOutput(folder.Output, work.Limits.OutputBytes);
        using var draining = new CancellationTokenSource();
        var pumps = Task.WhenAll(
            output.TakeAsync(process.StandardOutput.BaseStream, draining.Token),
            output.TakeAsync(process.StandardError.BaseStream, draining.Token));
        var ended = await WatchAsync(exited);
        await _family.EndAsync(ended == WorkEnd.Exited ? TimeSpan.Zero : Grace, spare: _ => false, CancellationToken.None);
        await exited;
        draining.CancelAfter(Drain);
        await pumps.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (ended == WorkEnd.Exited && DiskUse.Exceeds(work.Counted, work.Limits.DiskBytes))
        {
            ended = WorkEnd.Disk;
        }
        return new(process.ExitCode, Seconds, ended, null);
    }

    private double Seconds => Math.Round(time.GetElapsedTime(_start).TotalSeconds, 3);

    private void Asked(PosixSignalContext context)
    {
        context.Cancel = true;
        _asked.TrySetResult();
    }

    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo(work.Command[0])
        {
            WorkingDirectory = work.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var argument in work.Command.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }
        foreach (var (name, value) in work.Environment)
        {
            info.Environment[name] = value;
        }
        return info;
    }

    /// <summary>
    /// Starts it on a thread that lives as long: to the kernel "the parent died" means the thread that started the sandbox.
    /// </summary>
    private static async Task<Task?> StartAsync(Process process)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                NativeMethods.RestorePipeSignal();
                process.Start();
                process.StandardInput.Close();
                started.SetResult(true);
                process.WaitForExit();
            }
            catch (Win32Exception)
            {
                started.TrySetResult(false);
            }
            exited.SetResult();
        })
        { IsBackground = true, Name = "command" };
        thread.Start();
        return await started.Task ? exited.Task : null;
    }

    private async Task<WorkEnd> WatchAsync(Task exited)
    {
        while (true)
        {
            if (exited.IsCompleted)
            {
                return WorkEnd.Exited;
            }
            if (Exceeded() is { } end)
            {
                return end;
            }
            // Looking costs as much as the tree is large: never more than a fifth of the time is spent on it.
            var before = time.GetTimestamp();
            var full = DiskUse.Exceeds(work.Counted, work.Limits.DiskBytes);
            if (full)
            {
                return WorkEnd.Disk;
            }
            folder.Beat(time.GetUtcNow());
            var pause = TimeSpan.FromMilliseconds(100) + (time.GetElapsedTime(before) * 4);
            await Task.WhenAny(exited, _asked.Task, Task.Delay(pause, time));
        }
    }

    private WorkEnd? Exceeded()
    {
        var limits = work.Limits;
        if (_asked.Task.IsCompleted)
        {
            return WorkEnd.Signal;
        }
        if (time.GetElapsedTime(_start) >= limits.Within)
        {
            return WorkEnd.Deadline;
        }
        if (new DriveInfo(folder.Path).AvailableFreeSpace < limits.ReserveBytes)
        {
            return WorkEnd.HostFull;
        }
        var members = _family.Members(marked: false);
        return members.Length > limits.Processes ? WorkEnd.Processes
            : members.Sum(row => row.ResidentBytes) > limits.MemoryBytes ? WorkEnd.Memory
            : null;
    }
}
