namespace Maestro.Outside.Git;

public sealed class MergingTests : GitTests
{
    [Fact]
    public async Task Merging_twice_is_merging_once()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();

        var first = await Host.MergeAsync(Scratch.Application, change, Cancellation);
        var second = await Host.MergeAsync(Scratch.Application, change, Cancellation);

        Assert.Equal((change.MergeCommit, change.MergeCommit), (first, second));
        Assert.Equal(change.MergeCommit, Scratch.Tip("main"));
        Assert.Single(Scratch.Log("main"), line => line.Contains("merge pull request 1", StringComparison.Ordinal));
        Assert.StartsWith($"{Base} {change.MergeCommit} ", Scratch.Log("main")[0], StringComparison.Ordinal);
        Assert.Contains("\"state\":\"merged\"", Scratch.Git("cat-file", "blob", "refs/maestro/pull/1"), StringComparison.Ordinal);
        Assert.Contains("merge pull request 1", Scratch.Git("reflog", "show", "main"), StringComparison.Ordinal);
        Assert.Empty(Scratch.Git("fsck", "--strict"));
    }

    [Fact]
    public async Task Merges_at_the_same_time_move_the_base_once()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();

        var merged = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => NewHost().MergeAsync(Scratch.Application, change, Cancellation)));

        Assert.All(merged, commit => Assert.Equal(change.MergeCommit, commit));
        Assert.Single(Scratch.Log("main"));
    }

    [Fact]
    public async Task A_merge_is_found_after_the_base_went_on()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        await Host.MergeAsync(Scratch.Application, change, Cancellation);
        var later = Scratch.Commit("main", change.MergeCommit, ("readme.md", "later\n"));

        Assert.Equal(change.MergeCommit, await Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal(later, Scratch.Tip("main"));
    }

    [Fact]
    public async Task A_moved_base_refuses_the_merge()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        var moved = Scratch.Commit("main", Base, ("readme.md", "one\ntwo\nthree\n"), ("new.txt", "x\n"), ("src/app.txt", "app\n"));

        await RefusedAsync("git.base-moved", () => Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal(moved, Scratch.Tip("main"));
    }

    [Fact]
    public async Task A_moved_head_refuses_the_merge()
    {
        var first = Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        Scratch.Commit("feature", first, ("readme.md", "not reviewed\n"));

        await RefusedAsync("git.head-moved", () => Host.MergeAsync(Scratch.Application, change, Cancellation));
        await ReadAsync(1);
        await RefusedAsync("git.head-moved", () => Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal(Base, Scratch.Tip("main"));
    }

    [Fact]
    public async Task Another_commit_than_the_merge_is_not_merged()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        var forged = Scratch.CommitTree(Scratch.TreeOf(("readme.md", Scratch.Blob("forged\n"))), "Forged", Base, change.Head);

        await RefusedAsync(
            "git.not-the-merge", () => Host.MergeAsync(Scratch.Application, change with { MergeCommit = forged }, Cancellation));
        await RefusedAsync(
            "git.not-the-merge", () => Host.MergeAsync(Scratch.Application, change with { MergeCommit = change.Head }, Cancellation));
        Assert.Equal(Base, Scratch.Tip("main"));
    }

    [Fact]
    public async Task A_lock_of_another_process_is_respected_and_one_left_by_the_dead_is_taken_over()
    {
        Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        var path = Path.Combine(Scratch.Path, "refs", "heads", "main.lock");
        await File.WriteAllTextAsync(path, "", Cancellation);

        var broken = await Assert.ThrowsAsync<OutsideException>(() => Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.Equal("git.locked", broken.Reason.Code);
        Assert.Equal(Base, Scratch.Tip("main"));

        await File.WriteAllTextAsync(path, change.MergeCommit + "\n", Cancellation);
        Assert.Equal(change.MergeCommit, await Host.MergeAsync(Scratch.Application, change, Cancellation));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_push_between_look_and_act_is_not_overwritten()
    {
        var change = Feature(("readme.md", "changed\n"));
        var pushed = Scratch.Commit("main", Base, ("readme.md", "pushed\n"));
        using var repository = new LibGit2Sharp.Repository(Scratch.Path);
        using var held = RepositoryLock.Take(repository, Cancellation);
        var file = new ReferenceFile(repository, "refs/heads/main", TimeProvider.System);

        Assert.False(file.TryMove(new(Base), new(change), "merge"));
        Assert.Equal(pushed, Scratch.Tip("main"));

        // Without the comparison the same move loses the push.
        repository.Refs.UpdateTarget(repository.Refs["refs/heads/main"], new LibGit2Sharp.ObjectId(change));
        Assert.Equal(change, Scratch.Tip("main"));
    }

    [Fact]
    public void A_push_during_the_move_is_refused_by_git()
    {
        var change = Feature(("readme.md", "changed\n"));
        using var repository = new LibGit2Sharp.Repository(Scratch.Path);
        using var held = RepositoryLock.Take(repository, Cancellation);
        var file = new ReferenceFile(repository, "refs/heads/main", TimeProvider.System);

        var moved = file.TryMove(
            new(Base), new(change), "merge", () => Assert.ThrowsAny<InvalidOperationException>(() => Scratch.Point("main", change)));

        Assert.True(moved);
        Assert.Equal(change, Scratch.Tip("main"));
    }

    [Fact]
    public async Task A_clean_checkout_follows_the_merge()
    {
        UseCheckout();
        Feature(("readme.md", "changed\n"), ("folder/new.txt", "new\n"));
        await File.WriteAllTextAsync(Path.Combine(Scratch.Path, "untracked.txt"), "mine", Cancellation);

        await Host.MergeAsync(Scratch.Application, await OpenAsync(), Cancellation);

        Assert.Equal("?? untracked.txt", Scratch.Git("status", "--porcelain"));
        Assert.Equal("new\n", await File.ReadAllTextAsync(Path.Combine(Scratch.Path, "folder", "new.txt"), Cancellation));
        Assert.Equal("changed\n", await File.ReadAllTextAsync(Path.Combine(Scratch.Path, "readme.md"), Cancellation));
    }

    [Theory]
    [InlineData("readme.md")]
    [InlineData("folder/new.txt")]
    public async Task A_checkout_with_work_in_it_is_left_alone(string path)
    {
        UseCheckout();
        Feature(("readme.md", "changed\n"), ("folder/new.txt", "new\n"));
        var mine = Path.Combine(Scratch.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(mine)!);
        await File.WriteAllTextAsync(mine, "my work\n", Cancellation);
        var change = await OpenAsync();

        await Host.MergeAsync(Scratch.Application, change, Cancellation);

        Assert.Equal(change.MergeCommit, Scratch.Tip("main"));
        Assert.Equal("my work\n", await File.ReadAllTextAsync(mine, Cancellation));
    }

    [Fact]
    public async Task A_checkout_of_another_branch_is_left_alone()
    {
        UseCheckout();
        Feature(("readme.md", "changed\n"));
        Scratch.Git("checkout", "--quiet", "-b", "other");

        await Host.MergeAsync(Scratch.Application, await OpenAsync(), Cancellation);

        Assert.Empty(Scratch.Git("status", "--porcelain"));
        Assert.Equal("one\n", await File.ReadAllTextAsync(Path.Combine(Scratch.Path, "readme.md"), Cancellation));
    }

    [Fact]
    public async Task A_merged_pull_request_reads_as_it_was_merged_and_does_not_move()
    {
        var head = Feature(("readme.md", "changed\n"));
        var change = await OpenAsync();
        await Host.MergeAsync(Scratch.Application, change, Cancellation);

        var read = await ReadAsync(1);

        Assert.Equal(
            (change.Head, change.Base, change.MergeTree, change.MergeCommit), (read.Head, read.Base, read.MergeTree, read.MergeCommit));
        Assert.False(await HasMovedAsync(change));
        Scratch.Commit("feature", head, ("readme.md", "more\n"));
        Assert.Equal(2, (await OpenAsync()).Number);
    }
}
