using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>
/// At most one silo on this machine writes references of a repository at a time. The operating system releases the lock when its holder
/// dies, so a killed silo blocks nobody.
/// </summary>
internal sealed class RepositoryLock : IDisposable
{
    public const string FileName = "maestro.lock";

    private readonly FileStream _file;

    private RepositoryLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock until the token is cancelled.</summary>
    public static RepositoryLock Take(Repository repository, CancellationToken token)
    {
        var path = Path.Combine(GitFolder.Of(repository), FileName);
        while (true)
        {
            token.ThrowIfCancellationRequested();
            var taken = TryTake(path);
            if (taken is not null)
            {
                return taken;
            }
            token.WaitHandle.WaitOne(5);
        }
    }

    public void Dispose() => _file.Dispose();

    private static RepositoryLock? TryTake(string path)
    {
        try
        {
            return new RepositoryLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
