using System.Collections.Immutable;
using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>A change with the path it had before, where a file was renamed.</summary>
internal sealed record RenamedChange(TreeChange Change, string? Before);

/// <summary>
/// Finds renames among deleted and added files: the same content, or at least half of the lines in common. Git's own search is not used
/// because it reads contents of any size.
/// </summary>
internal sealed class Renames(Repository repository, ComparisonLimits limits)
{
    private const int MostCandidates = 100;

    private readonly Dictionary<ObjectId, Dictionary<int, int>> _lines = [];

    public ImmutableArray<RenamedChange> Among(ImmutableArray<TreeChange> changes, CancellationToken token)
    {
        var deleted = changes.Where(change => change is { Old: { } old, New: null } && IsFile(old)).ToList();
        var added = changes.Where(change => change is { Old: null, New: { } side } && IsFile(side)).ToList();
        var sources = new Dictionary<TreeChange, TreeChange>();
        MatchSame(deleted, added, sources);
        MatchAlike(deleted, added, sources, token);
        var gone = sources.Values.ToHashSet();
        return [.. changes.Where(change => !gone.Contains(change)).Select(
            change => sources.TryGetValue(change, out var source)
                ? new RenamedChange(change with { Old = source.Old }, source.Path)
                : new RenamedChange(change, null))];
    }

    private static void MatchSame(List<TreeChange> deleted, List<TreeChange> added, Dictionary<TreeChange, TreeChange> sources)
    {
        var byContent = deleted.GroupBy(change => change.Old!.Value.Id).ToDictionary(
            group => group.Key, group => new Queue<TreeChange>(group));
        foreach (var change in added)
        {
            if (byContent.GetValueOrDefault(change.New!.Value.Id) is { Count: > 0 } same)
            {
                sources[change] = same.Dequeue();
            }
        }
    }

    private void MatchAlike(
        List<TreeChange> deleted, List<TreeChange> added, Dictionary<TreeChange, TreeChange> sources, CancellationToken token)
    {
        var taken = sources.Values.ToHashSet();
        var gone = deleted.Where(change => !taken.Contains(change)).ToList();
        var come = added.Where(change => !sources.ContainsKey(change)).ToList();
        if (gone.Count > MostCandidates || come.Count > MostCandidates || Bytes(gone, come) > limits.BytesInAll)
        {
            return;
        }
        var alike =
            from target in come
            from source in gone
            let likeness = Likeness(source.Old!.Value.Id, target.New!.Value.Id, token)
            where likeness >= 0.5
            orderby likeness descending
            select (source, target);
        foreach (var (source, target) in alike.ToList())
        {
            if (!sources.ContainsKey(target) && taken.Add(source))
            {
                sources[target] = source;
            }
        }
    }

    private long Bytes(List<TreeChange> gone, List<TreeChange> come) =>
        gone.Sum(change => Objects.SizeOf(repository, change.Old!.Value.Id))
            + come.Sum(change => Objects.SizeOf(repository, change.New!.Value.Id));

    private double Likeness(ObjectId source, ObjectId target, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var (one, other) = (LinesOf(source), LinesOf(target));
        var common = one.Sum(line => Math.Min(line.Value, other.GetValueOrDefault(line.Key)));
        var all = one.Values.Sum() + other.Values.Sum();
        return all == 0 ? 0 : 2.0 * common / all;
    }

    private Dictionary<int, int> LinesOf(ObjectId id)
    {
        if (!_lines.TryGetValue(id, out var lines))
        {
            _lines[id] = lines = Text.CountLines(Objects.Bytes(repository, id));
        }
        return lines;
    }

    private static bool IsFile(TreeSide side) =>
        side.Mode is Mode.NonExecutableFile or Mode.NonExecutableGroupWritableFile or Mode.ExecutableFile;
}
