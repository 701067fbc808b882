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
        if (Entry(tree, path) is not { } entry)
        {
            return null;
        }
        if (entry.Mode is not (Mode.NonExecutableFile or Mode.NonExecutableGroupWritableFile or Mode.ExecutableFile))
        {
            throw Refusals.Refused(
                "git.not-a-file", "Only regular files are read.", "a file",
                $"a link, folder or submodule at '{new UntrustedText(path).Shown(120)}'",
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
        if (path.Length > 0 && Entry(root, path) is null)
        {
            return ImmutableDictionary<string, byte[]>.Empty;
        }
        var start = path.Length == 0 ? root : Start(repository, root[path], path);
        var files = new TreeFiles(repository, maxFiles, maxBytes, token).List(start);
        return files.ToImmutableDictionary(file => file.Path, file => Objects.Bytes(repository, file.Id), StringComparer.Ordinal);
    }

    // A link in place of a folder must not read as a folder without files.
    private static Tree Start(Repository repository, TreeEntry entry, string path) => entry.Mode == Mode.Directory
        ? Objects.Subtree(repository, entry.Target.Id)
        : throw Refusals.UnsafePath(path, "not a folder");

    private static TreeEntry? Entry(Tree tree, string path) => IsPath(path) ? tree[path] : null;

    private static bool IsPath(string path) => path.Length is > 0 and <= 4096 && path.Split('/').All(part => SafePath.WhyNot(part) is null);
}
