using System.Globalization;
using LibGit2Sharp;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Git;

/// <summary>Moves a base branch to the merge that was reviewed, once. The caller holds the repository lock.</summary>
internal sealed class BaseMerge(Repository repository, TimeProvider time, CancellationToken token)
{
    private readonly PullRequests _pulls = new(repository, time);

    /// <returns>The merge commit.</returns>
    /// <exception cref="RefusedException">Head or base moved, or the recorded merge is not one of the two.</exception>
    public string Merge(ChangeOpened change)
    {
        var pull = _pulls.Get(change.Number);
        var merge = Checked(change, pull);
        var @base = Tips.Find(repository, change.BaseBranch) ?? throw Refusals.NoBranch("git.no-base", change.BaseBranch);
        if (!Contains(@base, merge))
        {
            RefuseMovedHead(change);
            // Nobody waits any more after the time limit, so nothing may move then.
            token.ThrowIfCancellationRequested();
            Move(change, @base, merge);
        }
        _pulls.MarkMerged(pull);
        return merge.Sha;
    }

    private Commit Checked(ChangeOpened change, PullRecord pull)
    {
        var merge = Commits.Find(repository, change.MergeCommit);
        var isIt = merge.Tree.Sha == change.MergeTree
            && merge.Parents.Select(parent => parent.Sha).SequenceEqual([change.Base, change.Head])
            && pull.BaseBranch == change.BaseBranch && pull.HeadBranch == change.HeadBranch;
        return isIt ? merge : throw Refusals.Refused(
            "git.not-the-merge", "Only the merge of the recorded head and base is merged.", "its tree, its parents and its branches",
            "others",
            "Open the pull request again.");
    }

    private void RefuseMovedHead(ChangeOpened change)
    {
        var recorded = ReferenceFile.Read(repository, PullRequests.HeadReference(change.Number));
        var tip = Tips.Find(repository, change.HeadBranch) ?? throw Refusals.NoBranch("git.head-vanished", change.HeadBranch);
        if (recorded?.Sha != change.Head || tip.Sha != change.Head)
        {
            throw Refusals.Refused(
                "git.head-moved", "What is merged is what was reviewed.", change.Head,
                tip.Sha == change.Head ? recorded?.Sha ?? "none" : tip.Sha,
                "The new head needs an attempt of its own.");
        }
    }

    private void Move(ChangeOpened change, Commit @base, Commit merge)
    {
        var reference = Tips.Branches + change.BaseBranch;
        var message = string.Create(CultureInfo.InvariantCulture, $"merge pull request {change.Number}");
        var moved = @base.Sha == change.Base && new ReferenceFile(repository, reference, time)
            .TryMove(@base.Id, merge.Id, message, () => WorkTree.Follow(repository, reference, merge.Tree));
        if (!moved)
        {
            throw Refusals.Refused(
                "git.base-moved", "What is merged is what was tested with this base.", change.Base,
                Tips.Find(repository, change.BaseBranch)?.Sha ?? "none", "The new base needs an attempt of its own.");
        }
    }

    private bool Contains(Commit tip, Commit merge) =>
        tip.Id == merge.Id || repository.ObjectDatabase.FindMergeBase(tip, merge)?.Id == merge.Id;
}
