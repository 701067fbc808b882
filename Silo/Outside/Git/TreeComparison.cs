using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>What one path is on one side of a comparison.</summary>
internal readonly record struct TreeSide(ObjectId Id, Mode Mode);

/// <summary>A path that differs; a side is null where the path is not there.</summary>
internal sealed record TreeChange(string Path, TreeSide? Old, TreeSide? New);

/// <summary>
/// Compares two trees by their ids alone, so that neither contents nor configuration play a part. Bounded in changes, entries and
/// depth: a tree of a few hundred bytes can stand for billions of files. Names that are not UTF-8 arrive with replacement characters,
/// so two may look alike; none is lost.
/// </summary>
internal sealed class TreeComparison(Repository repository, CancellationToken token)
{
    public const int LargestChange = 50_000;
    private const int MostEntries = 1_000_000;
    private const int Deepest = 128;
    private const int LongestPath = 4096;

    private readonly ImmutableArray<TreeChange>.Builder _changes = ImmutableArray.CreateBuilder<TreeChange>();
    private readonly Stack<(string Prefix, ObjectId? Old, ObjectId? New, int Depth)> _folders = new();
    private int _entries;

    /// <summary>The paths that differ, in order.</summary>
    /// <exception cref="RefusedException">The comparison is beyond its limits.</exception>
    public static ImmutableArray<TreeChange> Between(Repository repository, Tree? old, Tree @new, CancellationToken token) =>
        new TreeComparison(repository, token).Walk(old?.Id, @new.Id);

    private ImmutableArray<TreeChange> Walk(ObjectId? old, ObjectId @new)
    {
        if (old != @new)
        {
            _folders.Push(("", old, @new, 0));
        }
        while (_folders.TryPop(out var folder))
        {
            var olds = Entries(folder.Old);
            var news = Entries(folder.New);
            foreach (var name in olds.Keys.Union(news.Keys))
            {
                Pair(folder.Prefix + name, olds.GetValueOrDefault(name) ?? [], news.GetValueOrDefault(name) ?? [], folder.Depth);
            }
        }
        _changes.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return _changes.ToImmutable();
    }

    private void Pair(string path, List<TreeSide> olds, List<TreeSide> news, int depth)
    {
        var left = olds.Where(side => !news.Contains(side)).ToList();
        var right = news.Where(side => !olds.Contains(side)).ToList();
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            Differ(path, i < left.Count ? left[i] : null, i < right.Count ? right[i] : null, depth);
        }
    }

    private void Differ(string path, TreeSide? old, TreeSide? @new, int depth)
    {
        var (oldFolder, newFolder) = (Folder(old), Folder(@new));
        if (oldFolder is not null || newFolder is not null)
        {
            Descend(path, oldFolder, newFolder, depth + 1);
        }
        var (oldFile, newFile) = (oldFolder is null ? old : null, newFolder is null ? @new : null);
        if (oldFile is not null || newFile is not null)
        {
            _changes.Add(new TreeChange(path, oldFile, newFile));
        }
        if (_changes.Count > LargestChange)
        {
            throw Refusals.TooMany("git.too-many-files", "changed files", LargestChange, "more");
        }
    }

    private void Descend(string path, ObjectId? old, ObjectId? @new, int depth)
    {
        if (depth > Deepest || path.Length > LongestPath)
        {
            throw Refusals.TooMany("git.too-deep", "folders within each other", Deepest, "more");
        }
        if (old != @new)
        {
            _folders.Push((path + "/", old, @new, depth));
        }
    }

    private Dictionary<string, List<TreeSide>> Entries(ObjectId? folder)
    {
        var entries = new Dictionary<string, List<TreeSide>>(StringComparer.Ordinal);
        foreach (var entry in folder is null ? [] : (IEnumerable<TreeEntry>)Objects.Subtree(repository, folder))
        {
            token.ThrowIfCancellationRequested();
            if (++_entries > MostEntries)
            {
                throw Refusals.TooMany("git.too-many-files", "entries to compare", MostEntries, "more");
            }
            var side = new TreeSide(entry.Target.Id, entry.Mode);
            if (!entries.TryAdd(entry.Name, [side]))
            {
                entries[entry.Name].Add(side);
            }
        }
        return entries;
    }

    private static ObjectId? Folder(TreeSide? side) => side is { Mode: Mode.Directory } folder ? folder.Id : null;
}
