using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>One regular file of a tree.</summary>
/// <param name="Path">Relative to the tree, with slashes; every component is safe to write.</param>
internal sealed record TreeFile(string Path, ObjectId Id, bool Executable, long Size);

/// <summary>
/// Lists a tree's files, and refuses the whole tree where one is not a regular file with a safe path, or where it is beyond the limits.
/// </summary>
internal sealed class TreeFiles(Repository repository, int maxFiles, long maxBytes, CancellationToken token)
{
    private const int LongestPath = 1024;

    private readonly ImmutableArray<TreeFile>.Builder _files = ImmutableArray.CreateBuilder<TreeFile>();
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly Stack<(string Prefix, ObjectId Tree)> _folders = new();
    private long _bytes;

    /// <exception cref="RefusedException">A path is unsafe, an entry is no regular file, or there are too many files or bytes.</exception>
    public ImmutableArray<TreeFile> List(Tree tree)
    {
        _folders.Push(("", tree.Id));
        while (_folders.TryPop(out var folder))
        {
            foreach (var entry in Objects.Subtree(repository, folder.Tree))
            {
                token.ThrowIfCancellationRequested();
                Take(folder.Prefix + entry.Name, entry);
            }
        }
        return _files.ToImmutable();
    }

    private void Take(string path, TreeEntry entry)
    {
        if ((SafePath.WhyNot(entry.Name) ?? Unusual(entry.Mode)) is { } why)
        {
            throw Refusals.UnsafePath(path, why);
        }
        if (path.Length > LongestPath || !_paths.Add(path))
        {
            throw Refusals.UnsafePath(path, path.Length > LongestPath ? "a path over 1,024 characters" : "a name that is there twice");
        }
        // Folders count too: empty ones within each other can be as many as files.
        if (_paths.Count > 2L * maxFiles)
        {
            throw TooManyFiles();
        }
        if (entry.Mode == Mode.Directory)
        {
            _folders.Push((path + "/", entry.Target.Id));
            return;
        }
        Add(new TreeFile(path, entry.Target.Id, entry.Mode == Mode.ExecutableFile, Objects.SizeOf(repository, entry.Target.Id)));
    }

    private void Add(TreeFile file)
    {
        _files.Add(file);
        _bytes += file.Size;
        if (_files.Count > maxFiles)
        {
            throw TooManyFiles();
        }
        if (_bytes > maxBytes)
        {
            throw Refusals.TooMany("git.too-large", "bytes in this folder", maxBytes, "more");
        }
    }

    private RefusedException TooManyFiles() => Refusals.TooMany("git.too-many-files", "files in this folder", maxFiles, "more");

    private static string? Unusual(Mode mode) => mode switch
    {
        Mode.NonExecutableFile or Mode.NonExecutableGroupWritableFile or Mode.ExecutableFile or Mode.Directory => null,
        Mode.SymbolicLink => "a link",
        Mode.GitLink => "a submodule",
        _ => "not a file",
    };
}
