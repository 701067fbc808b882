using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Reads single files and folders of a commit or a tree.</summary>
internal static class TreeContents
{
    /// <summary>One file's bytes; null where there is none.</summary>
    /// <exception cref="RefusedException">It is too large, or not a regular file.</exception>
    public static byte[]? File(Repository repository, string commit, string path, int maxBytes)
    {
        var tree = Objects.FindTree(repository, commit);
        if (!IsPath(path) || tree[path] is not { } entry)
        {
            return null;
        }
        if (entry.Mode is not (Mode.NonExecutableFile or Mode.NonExecutableGroupWritableFile or Mode.ExecutableFile))
        {
            throw Refusals.Refused(
                "git.not-a-file", "Only regular files are read.", "a file", $"a link, folder or submodule at '{new UntrustedText(path).Shown(120)}'",
                "Replace it by a file.");
        }
        return Objects.SizeOf(repository, entry.Target.Id) <= maxBytes
            ? Objects.Bytes(repository, entry.Target.Id)
            : throw Refusals.TooMany("git.too-large", "bytes in this file", maxBytes, "more");
    }

    /// <summary>The files below a folder, by their paths relative to it.</summary>
    /// <exception cref="RefusedException">There are too many files or bytes, or one is not a regular file with a safe path.</exception>
    public static ImmutableDictionary<string, byte[]> Folder(
        Repository repository, string tree, string folder, int maxFiles, long maxBytes, CancellationToken token)
    {
        var root = Objects.FindTree(repository, tree);
        var path = string.Join('/', folder.Split('/').Where(part => part is not ("" or ".")));
        var start = path.Length == 0 ? root : IsPath(path) && root[path] is { Mode: Mode.Directory } found ? Objects.Subtree(repository, found.Target.Id) : null;
        if (start is null)
        {
            return ImmutableDictionary<string, byte[]>.Empty;
        }
        var files = new TreeFiles(repository, maxFiles, maxBytes, token).List(start);
        return files.ToImmutableDictionary(file => file.Path, file => Objects.Bytes(repository, file.Id), StringComparer.Ordinal);
    }

    private static bool IsPath(string path) => path.Length is > 0 and <= 4096 && path.Split('/').All(part => SafePath.WhyNot(part) is null);
}
