namespace Maestro.Outside.Processes;

/// <summary>
/// Keeps the logs of running instances small. An instance writes to its file directly, so that nothing stands between it and the system,
/// and it outlives silos: one small process beside them cuts all their logs, and ends when there is no instance left.
/// </summary>
internal static class LogKeeper
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private const int LooksWithoutInstance = 10;

    /// <summary>Whether a keeper holds this folder's lock now.</summary>
    public static bool IsRunning(string folder)
    {
        using var own = TryLock(folder);
        return own is null;
    }

    /// <param name="folder">The keeper's own folder, with its lock.</param>
    /// <param name="instances">The runner's folder, in which each start of an instance has one.</param>
    /// <param name="limit">The length in bytes at which the older half of a log moves aside, over what moved before.</param>
    public static async Task RunAsync(string folder, string instances, long limit, TimeProvider time)
    {
        using var own = TryLock(folder);
        if (own is null)
        {
            return;
        }
        using var timer = new PeriodicTimer(Look, time);
        for (var idle = 0; idle < LooksWithoutInstance; idle++)
        {
            var live = WorkShelf.Newest(instances).Where(work => work.Claim is { IsAlive: true }).ToList();
            foreach (var work in live)
            {
                Cut(work.Output, limit);
            }
            idle = live.Count > 0 ? 0 : idle;
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Instances write at the end of the file, wherever that is: an emptied file is simply filled again.</summary>
    internal static void Cut(string log, long limit)
    {
        try
        {
            if (new FileInfo(log) is { Exists: true } found && found.Length > limit)
            {
                using var file = new FileStream(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                file.Seek(-Math.Min(limit / 2, file.Length), SeekOrigin.End);
                var tail = new byte[limit / 2];
                var read = file.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false);
                file.SetLength(0);
                File.WriteAllBytes(log + ".before", tail.AsSpan(0, read));
            }
        }
        catch (IOException)
        {
            // The log is gone, or the disk is full: the next look tries again.
        }
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
