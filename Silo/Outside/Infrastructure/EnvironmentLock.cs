namespace Maestro.Outside.Infrastructure;

/// <summary>The exclusive lock on one environment's files, for all processes of this machine. It ends with its process.</summary>
internal static class EnvironmentLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="OutsideException">It was not free within the time allowed.</exception>
    public static async Task<FileStream> AcquireAsync(string file, TimeSpan within, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException refused)
            {
                throw Refusals.Disk($"cannot open {file}: {refused.Message}", refused);
            }
            catch (IOException) when (time.GetElapsedTime(began) < within)
            {
                await Task.Delay(Pause, time, cancellation);
            }
            catch (IOException)
            {
                throw Refusals.Locked(file);
            }
        }
    }
}
