using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>
/// Moves one reference by compare-and-set. LibGit2Sharp reads the old value and writes the new one in two steps, so a push between them
/// would be lost; this holds git's own lock file around both, as git does. The caller holds the <see cref="RepositoryLock"/>.
/// </summary>
/// <param name="name">The full name, validated, such as <c>refs/heads/main</c>.</param>
internal sealed class ReferenceFile(Repository repository, string name, TimeProvider time)
{
    private readonly string _path = Path.Combine(GitFolder.Of(repository), name);
    private readonly ReferenceLog _log = new(GitFolder.Of(repository), name, time);

    private string LockPath => _path + ".lock";

    /// <summary>Where the reference points now; null where there is none, or where it is symbolic.</summary>
    public static ObjectId? Read(Repository repository, string name) =>
        repository.Refs[name] is DirectReference direct ? new ObjectId(direct.TargetIdentifier) : null;

    /// <summary>Moves it if it still points at <paramref name="expected"/> (null: does not exist), and writes its log.</summary>
    /// <param name="underLock">Work to do once nobody else can move it and before it moves.</param>
    /// <returns>Whether it moved; false means that somebody else was first.</returns>
    /// <exception cref="OutsideException">Another git process holds the reference's lock.</exception>
    public bool TryMove(ObjectId? expected, ObjectId to, string message, Action? underLock = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        Lock(to);
        var moved = false;
        try
        {
            if (Read(repository, name) != expected)
            {
                return false;
            }
            underLock?.Invoke();
            _log.Append(expected, to, message);
            File.Move(LockPath, _path, overwrite: true);
            moved = true;
            return true;
        }
        finally
        {
            if (!moved)
            {
                File.Delete(LockPath);
            }
        }
    }

    private void Lock(ObjectId to)
    {
        if (!TryLock(to) && !(IsLeftBehind(to) && TryLock(to)))
        {
            throw Refusals.Broken("git.locked", "One process moves a reference at a time.", "another git process holds its lock",
                $"Try again; if no git process runs, remove {Path.GetFileName(LockPath)}.");
        }
    }

    private bool TryLock(ObjectId to)
    {
        try
        {
            using var file = new FileStream(LockPath, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            file.Write(System.Text.Encoding.ASCII.GetBytes(to.Sha + "\n"));
            file.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException) when (File.Exists(LockPath))
        {
            return false;
        }
    }

    // Whoever left a lock with this very commit held the repository lock that we hold now, so it is dead.
    private bool IsLeftBehind(ObjectId to)
    {
        try
        {
            if (File.ReadAllText(LockPath) != to.Sha + "\n")
            {
                return false;
            }
            File.Delete(LockPath);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
    }
}
