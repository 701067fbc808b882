using System.Globalization;
using System.Text;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Manifests;

namespace Maestro.Outside.Processes;

/// <summary>Builds and tests changes as child processes in a sandbox, and keeps images in a folder.</summary>
internal sealed class ProcessWorkshop(WorkshopOptions options, IGitHost git, ProcessRunner runner, TimeProvider time) : IWorkshop
{
    // Far longer than a sweep takes from reading what is needed to removing the last image.
    private static readonly TimeSpan ImagesRest = TimeSpan.FromHours(1);

    private readonly ImageStore _images = new(options.Folder, options.Images);
    private readonly Lazy<Sandbox> _sandbox = new(
        () => Sandbox.Require(options.Unsandboxed, [options.Hidden]), LazyThreadSafetyMode.PublicationOnly);

    public async Task<Work<ImageBuilt>> BuildAsync(string effect, ChangeOpened change, Manifest manifest, CancellationToken cancellation)
    {
        var bench = new Workbench("build", change, manifest.Build, manifest.Output, Image: null);
        var verdict = await AskAsync(effect, bench, cancellation);
        return verdict switch
        {
            null => new Work<ImageBuilt>.Running("the build runs"),
            { Kind: VerdictKind.Done } => new Work<ImageBuilt>.Done(
                new(verdict.Image!.Value, change.MergeTree, verdict.Bytes, verdict.Files, verdict.Sandboxed, verdict.Seconds)),
            { Kind: VerdictKind.Refused } => new Work<ImageBuilt>.Refused(verdict.Reason!),
            _ => new Work<ImageBuilt>.Broke(verdict.Reason!),
        };
    }

    public async Task<Work<TestsPassed>> TestAsync(
        string effect, ChangeOpened change, Manifest manifest, Digest image, CancellationToken cancellation)
    {
        if (manifest.Test is null)
        {
            return new Work<TestsPassed>.Done(new(image, Sandboxed: false, Seconds: 0, Ran: false));
        }
        var verdict = await AskAsync(effect, new("test", change, manifest.Test, manifest.Output, image), cancellation);
        return verdict switch
        {
            null => new Work<TestsPassed>.Running("the tests run"),
            { Kind: VerdictKind.Done } => new Work<TestsPassed>.Done(new(image, verdict.Sandboxed, verdict.Seconds)),
            { Kind: VerdictKind.Refused } => new Work<TestsPassed>.Refused(verdict.Reason!),
            _ => new Work<TestsPassed>.Broke(verdict.Reason!),
        };
    }

    public async Task StopAsync(string effect, CancellationToken cancellation)
    {
        using var turn = await runner.EnterAsync(effect, cancellation);
        await runner.StopAsync(effect, TimeSpan.Zero, cancellation);
    }

    public async Task<ImageCleared> ScanAsync(Digest image, CancellationToken cancellation)
    {
        var scan = new ImageScan();
        var listing = await _images.VerifyAsync("scan", image, scan.Take, cancellation);
        foreach (var entry in listing.Entries)
        {
            scan.Take(entry);
        }
        return listing.Files > 0 ? new(image, ImageScan.Scanner, listing.Files, scan.Findings) : throw new RefusedException(new Reason(
            "scan.empty", "A scan that read nothing shows nothing.", "at least one file", "an empty image", "Build it again."));
    }

    /// <summary>Removes what finished long ago, and images that no one names.</summary>
    /// <param name="keep">The images that deployments and environments still need.</param>
    public void Sweep(IReadOnlySet<Digest> keep)
    {
        runner.Sweep(options.Kept);
        _images.Sweep(keep, time.GetUtcNow() - ImagesRest);
    }

    /// <returns>The verdict; null while it runs.</returns>
    private async Task<WorkVerdict?> AskAsync(string effect, Workbench bench, CancellationToken cancellation)
    {
        using var turn = await runner.EnterAsync(effect, cancellation);
        try
        {
            var state = runner.Look(effect);
            switch (state)
            {
                case WorkState.Running running:
                    return Mismatch(bench, running.Work);
                case WorkState.Ended ended:
                    return Mismatch(bench, ended.Work) ?? ended.Folder.Verdict switch
                    {
                        null => await JudgeAsync(bench, ended, cancellation),
                        // A broken one was reported once: whoever asks again wants another try.
                        { Kind: VerdictKind.Broke } => await StartAsync(effect, bench, ended.Work.Token, cancellation),
                        { } verdict => verdict,
                    };
                case WorkState.Lost { Folder.Verdict: null } lost:
                    await runner.EndLeftoversAsync(effect, cancellation);
                    return Keep(lost.Folder, Broke(lost.Work, "lost", "The process of this work is gone without a result.", "a result",
                        "none"));
                case WorkState.Lost lost:
                    return await StartAsync(effect, bench, lost.Work.Token, cancellation);
                case WorkState.Stopped stopped:
                    return await StartAsync(effect, bench, stopped.Work.Token, cancellation);
                case WorkState.NeverBegan { Folder: { Verdict: null, Complaints: { } complaint } } failed:
                    return Keep(failed.Folder, Broke(failed.Work, "not-started", "The launcher starts.", "a process",
                        new UntrustedText(complaint).Shown()));
                case WorkState.NeverBegan late:
                    return await StartAsync(effect, bench, late.Work.Token, cancellation);
                default:
                    return await StartAsync(effect, bench, 0, cancellation);
            }
        }
        catch (RefusedException refused)
        {
            return new(VerdictKind.Refused, refused.Reason, null, 0, 0, false, 0);
        }
        catch (OutsideException broke)
        {
            return new(VerdictKind.Broke, broke.Reason, null, 0, 0, false, 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var reason = new Reason("work.disk", "Work needs room on the disk.", "files that can be written",
                new UntrustedText(failure.Message).Shown(),
                "Free some space, or mend the permissions of the data folder.");
            return new(VerdictKind.Broke, reason, null, 0, 0, false, 0);
        }
    }

    private async Task<WorkVerdict?> StartAsync(string effect, Workbench bench, int token, CancellationToken cancellation)
    {
        if (token >= options.Starts)
        {
            throw new OutsideException(new Reason(
                "work.given-up", "Work is not started for ever.", $"an end within {options.Starts} starts", "none",
                "Look at the silo's log, then open a new attempt."));
        }
        var sandbox = _sandbox.Value;
        var image = bench.Image is { } digest ? await _images.VerifyAsync(bench.Stage, digest, null, cancellation) : null;
        var draft = runner.Draft();
        try
        {
            await bench.LayOutAsync(draft, git, cancellation);
            if (image is not null && !sandbox.Confines)
            {
                _images.CopyTo(Path.Combine(draft.Root, Workbench.ImageName), image.Digest, image.Entries);
            }
            await runner.StartAsync(effect, draft, place => bench.Describe(place, sandbox, options.Limits, _images), cancellation);
            return null;
        }
        finally
        {
            FolderRemoval.Remove(draft.Path);
        }
    }

    private static WorkVerdict? Mismatch(Workbench bench, WorkFile work) => work.Subject == bench.Subject ? null : new(
        VerdictKind.Refused,
        new Reason("work.mismatch", "An effect is bound to one tree and one command.", "what it was started with",
            "another tree, command or image", "Open a new attempt."),
        null, 0, 0, work.Sandboxed, 0);

    private async Task<WorkVerdict> JudgeAsync(Workbench bench, WorkState.Ended ended, CancellationToken cancellation)
    {
        var (work, result) = (ended.Work, ended.Result);
        if (result is not { Ended: WorkEnd.Exited, ExitCode: 0 })
        {
            return Keep(ended.Folder, Failure(bench.Stage, ended));
        }
        if (bench.Image is not null)
        {
            return Keep(ended.Folder, new(VerdictKind.Done, null, bench.Image, 0, 0, work.Sandboxed, result.Seconds));
        }
        try
        {
            var image = await _images.PublishAsync(bench.RequireOutput(ended.Folder), cancellation);
            return Keep(ended.Folder, new(VerdictKind.Done, null, image.Digest, image.Bytes, image.Files, work.Sandboxed, result.Seconds));
        }
        catch (RefusedException refused)
        {
            return Keep(ended.Folder, new(VerdictKind.Refused, refused.Reason, null, 0, 0, work.Sandboxed, result.Seconds));
        }
    }

    /// <summary>The verdict is durable before what it was read from is removed.</summary>
    private static WorkVerdict Keep(WorkFolder folder, WorkVerdict verdict)
    {
        folder.Write(verdict);
        FolderRemoval.Remove(folder.Root);
        return verdict;
    }

    private WorkVerdict Failure(string stage, WorkState.Ended ended)
    {
        var (work, limits, result) = (ended.Work, ended.Work.Limits, ended.Result);
        return result.Ended switch
        {
            WorkEnd.Exited when work.Sandboxed && NameResolution.Failed(OutputTail.Read(ended.Folder.Output)) => Refused(ended, $"{stage}.no-network",
                "a command that finds all it needs in the repository or on the machine", Tail(ended), NameResolution.WayOut),
            WorkEnd.Exited => Refused(ended, $"{stage}.failed", "exit code 0", Tail(ended),
                "Mend the command; its output says what is wrong."),
            WorkEnd.Deadline => Refused(ended, $"{stage}.deadline", $"an end within {limits.Within}", "none",
                "Make it faster, or raise 'within' in maestro.yaml."),
            WorkEnd.Disk => Refused(ended, $"{stage}.too-large", $"at most {limits.DiskBytes} bytes on disk", "more", "Write less."),
            WorkEnd.Memory => Refused(ended, $"{stage}.too-much-memory", $"at most {limits.MemoryBytes} bytes in memory", "more",
                "Use less."),
            WorkEnd.Processes => Refused(ended, $"{stage}.too-many-processes", $"at most {limits.Processes} processes", "more",
                "Start fewer."),
            WorkEnd.HostFull => Broke(work, "disk", "Work needs room on the disk.", $"{limits.ReserveBytes} free bytes", "less"),
            WorkEnd.Signal => Broke(work, "ended", "Work runs to its end.", "a result", "somebody ended it"),
            _ => Broke(work, "not-started", "The command starts.", "a process", result.Error ?? "none"),
        };
    }

    private static WorkVerdict Refused(WorkState.Ended ended, string code, string expected, string found, string wayOut) => new(
        VerdictKind.Refused, new Reason(code, "The command ends well and within its limits.", expected, found, wayOut), null, 0, 0,
        ended.Work.Sandboxed, ended.Result.Seconds);

    private WorkVerdict Broke(WorkFile work, string what, string rule, string expected, string found) => new(
        VerdictKind.Broke, new Reason($"work.{what}", rule, expected, found, "It is tried again within its limits."), null, 0, 0,
        work.Sandboxed, (time.GetUtcNow() - work.At).TotalSeconds);

    private static string Tail(WorkState.Ended ended)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"exit code {ended.Result.ExitCode}");
        return OutputTail.Read(ended.Folder.Output) is { Length: > 0 } tail ? text.Append('\n').Append(tail).ToString() : text.ToString();
    }
}
