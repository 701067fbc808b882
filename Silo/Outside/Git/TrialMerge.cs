using System.Collections.Immutable;
using System.Globalization;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>The merge of head into base, made in the object database only. The same two commits always give the same merge.</summary>
internal sealed record TrialMerge(Commit Base, Commit Head, Tree Tree)
{
    private const long LargestMerged = 4 << 20;
    private const long LargestRenamed = 64 << 20;
    private const int ShownConflicts = 10;

    /// <exception cref="RefusedException">Head brings nothing, shares no history with base, does not merge, or is too large.</exception>
    public static TrialMerge Make(Repository repository, Commit @base, Commit head, PullNames names, CancellationToken token)
    {
        var fork = repository.ObjectDatabase.FindMergeBase(@base, head) ?? throw Unrelated();
        if (fork.Id == head.Id)
        {
            throw Refusals.Same(names.Head, names.Base);
        }
        // The native merge cannot be stopped and reads every entry, so what head brings is bounded first.
        var brought = TreeComparison.Between(repository, fork.Tree, head.Tree, token);
        RefuseUnsafePaths(brought);
        RefuseLargeMerges(repository, @base, fork, brought);
        token.ThrowIfCancellationRequested();
        var options = new MergeTreeOptions { FindRenames = IsSmall(repository, brought) };
        var merged = repository.ObjectDatabase.MergeCommits(@base, head, options);
        return merged.Status == MergeTreeStatus.Succeeded ? new TrialMerge(@base, head, merged.Tree) : throw Conflict(merged);
    }

    /// <summary>The commit of this merge; its message names the pull request's number only.</summary>
    public Commit Commit(Repository repository, int number)
    {
        var signature = Committer.For(Base, Head);
        var message = string.Create(CultureInfo.InvariantCulture, $"Merge pull request {number}\n");
        return repository.ObjectDatabase.CreateCommit(signature, signature, message, Tree, [Base, Head], prettifyMessage: false);
    }

    private static void RefuseUnsafePaths(ImmutableArray<TreeChange> brought)
    {
        var names = brought.Where(change => change.New is not null).Select(change => change.Path);
        if (names.FirstOrDefault(path => path.Split('/').Any(SafePath.LeavesOrIsGit)) is { } unsafePath)
        {
            throw Refusals.UnsafePath(unsafePath, "a name that leaves the folder or belongs to git");
        }
    }

    private static void RefuseLargeMerges(Repository repository, Commit @base, Commit fork, ImmutableArray<TreeChange> brought)
    {
        foreach (var change in brought.Where(change => IsLarge(repository, change)))
        {
            if (change.Path.Contains('\uFFFD', StringComparison.Ordinal) || @base[change.Path]?.Target.Id != fork[change.Path]?.Target.Id)
            {
                throw Refusals.Refused(
                    "git.too-large-to-merge", "A file that both branches changed is merged up to 4 MiB.", "smaller files",
                    new UntrustedText(change.Path).Shown(120),
                    "Merge the base branch into yours and push again.");
            }
        }
    }

    private static bool IsLarge(Repository repository, TreeChange change) =>
        Size(repository, change.Old) > LargestMerged || Size(repository, change.New) > LargestMerged;

    // Looking for renames reads whole contents of everything added and deleted.
    private static bool IsSmall(Repository repository, ImmutableArray<TreeChange> brought) =>
        brought.Length <= 2000 && brought.Sum(change => Size(repository, change.Old) + Size(repository, change.New)) <= LargestRenamed;

    private static long Size(Repository repository, TreeSide? side) =>
        side is { Mode: not Mode.GitLink } file ? Objects.SizeOf(repository, file.Id) : 0;

    private static RefusedException Conflict(MergeTreeResult merged)
    {
        var entries = merged.Conflicts.Select(conflict => conflict.Ours ?? conflict.Theirs ?? conflict.Ancestor);
        var paths = entries.Select(entry => entry?.Path ?? "").Distinct().ToList();
        var shown = string.Join(", ", paths.Take(ShownConflicts).Select(path => $"'{new UntrustedText(path).Shown(120)}'"));
        var more = paths.Count > ShownConflicts ? $" and {paths.Count - ShownConflicts} more" : "";
        return Refusals.Refused(
            "git.conflict", "Head and base must merge without conflicts.", "no conflicts", $"conflicts in {shown}{more}",
            "Merge the base branch into yours, resolve the conflicts and push again.");
    }

    private static RefusedException Unrelated() => Refusals.Refused(
        "git.unrelated", "Head and base must share history.", "a common commit", "none", "Start your branch from the base branch.");
}

/// <summary>The names of a pull request's branches, for messages.</summary>
internal sealed record PullNames(string Head, string Base);
