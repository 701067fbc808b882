namespace Maestro.Identity;

/// <summary>A lock between processes, held while its file is open.</summary>
internal static class OneAtATime
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <exception cref="IOException">Somebody else held it for ten seconds.</exception>
    public static async Task<IDisposable> EnterAsync(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(began) < Longest)
            {
                await Task.Delay(BetweenTries, TimeProvider.System, cancellation);
            }
        }
    }

    /// <summary>The same for code that runs before a silo starts and cannot wait otherwise.</summary>
    /// <exception cref="IOException">Somebody else held it for ten seconds.</exception>
    public static IDisposable Enter(string path) => Task.Run(() => EnterAsync(path, CancellationToken.None)).GetAwaiter().GetResult();
}
