using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>What the merge would do to a repository if its one check were not made.</summary>
public sealed class MergeCounterTests : GitTests
{
    [Fact]
    public async Task Without_the_check_of_the_head_a_change_is_merged_although_its_branch_went_on()
    {
        var first = Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        Scratch.Commit("feature", first, ("readme.md", "taken back\n"));
        await RefusedAsync("git.head-moved", () => Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal(Base, Scratch.Tip("main"));

        Assert.True(Move(change.MergeCommit));
        Assert.Equal(change.MergeCommit, Scratch.Tip("main"));
    }

    [Fact]
    public async Task Without_the_check_of_the_commit_somebody_elses_merge_with_another_tree_is_taken()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        var evil = Scratch.CommitTreeAs(
            "mallory@example.com", Scratch.TreeOf(("readme.md", Scratch.Blob("evil\n"))), "Merge pull request 1", Base, change.Head);
        await RefusedAsync("git.not-the-merge", () => Host.MergeAsync(Scratch.Application, change with { MergeCommit = evil }, Cancellation));
        Assert.Equal(Base, Scratch.Tip("main"));

        // With the tree of that commit recorded too nothing tells it from the merge: evidence is signed so that nobody can do this.
        var merged = await Host.MergeAsync(
            Scratch.Application, change with { MergeCommit = evil, MergeTree = Scratch.Tip($"{evil}^{{tree}}") }, Cancellation);
        Assert.Equal((evil, evil), (merged, Scratch.Tip("main")));
        Assert.Equal("evil", Scratch.Git("show", "main:readme.md"));
    }

    [Fact]
    public async Task A_merge_that_somebody_else_made_with_another_tree_does_not_count_as_ours()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        var evil = Scratch.CommitTreeAs(
            "mallory@example.com", Scratch.TreeOf(("readme.md", Scratch.Blob("evil\n"))), "Merge pull request 1", Base, change.Head);
        Scratch.Point("main", evil);
        await RefusedAsync("git.base-moved", () => Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal(evil, Scratch.Tip("main"));

        // The very merge that was reviewed counts, whoever moved the branch.
        Scratch.Point("main", change.MergeCommit);
        Assert.Equal(change.MergeCommit, await Host.MergeAsync(Scratch.Application, change, Cancellation));
    }

    private bool Move(string commit)
    {
        using var repository = new Repository(Scratch.Path);
        using var held = RepositoryLock.Take(repository, Cancellation);
        return new ReferenceFile(repository, "refs/heads/main", TimeProvider.System).TryMove(new(Base), new(commit), "merge");
    }
}
