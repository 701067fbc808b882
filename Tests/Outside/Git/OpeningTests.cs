using Maestro.Evidence;

namespace Maestro.Outside.Git;

public sealed class OpeningTests : GitTests
{
    [Fact]
    public async Task A_pull_request_is_kept_in_the_repository_itself()
    {
        var head = Feature(("readme.md", "one\ntwo\nthree\nfour\n"), ("src/app.txt", "app\n"));

        var change = await OpenAsync();

        Assert.Equal((1, head, Base), (change.Number, change.Head, change.Base));
        Assert.Equal(head, Scratch.Tip("refs/pull/1/head"));
        Assert.Equal(change.MergeCommit, Scratch.Tip("refs/pull/1/merge"));
        Assert.Equal(change.MergeTree, Scratch.Tip("refs/pull/1/merge^{tree}"));
        Assert.Equal($"{Base} {head}", Scratch.Git("log", "-1", "--format=%P", change.MergeCommit));
        Assert.Equal("Merge pull request 1", Scratch.Git("log", "-1", "--format=%B", change.MergeCommit));
        Assert.Contains("\"headBranch\":\"feature\"", Scratch.Git("cat-file", "blob", "refs/maestro/pull/1"), StringComparison.Ordinal);
        Assert.Empty(Scratch.Git("fsck", "--strict"));
    }

    [Fact]
    public async Task Opening_again_finds_the_open_one()
    {
        Feature(("readme.md", "changed\n"));
        var first = await OpenAsync();

        var second = await OpenAsync("bob");

        Assert.Equal(first.Number, second.Number);
        Assert.Equal("alice", second.Opener);
        Assert.Equal(first.MergeCommit, second.MergeCommit);
    }

    [Fact]
    public async Task The_same_two_commits_give_the_same_merge_in_another_repository()
    {
        Feature(("readme.md", "changed\n"));
        var first = await OpenAsync();
        var other = NewScratch(bare: false);
        other.Git("fetch", "--quiet", Scratch.Path, "+refs/heads/main:refs/heads/base", "+refs/heads/feature:refs/heads/feature");

        var second = await Host.OpenAsync(other.Application, "feature", "base", "bob", Cancellation);

        Assert.Equal((first.MergeTree, first.MergeCommit), (second.MergeTree, second.MergeCommit));
    }

    [Fact]
    public async Task A_missing_base_branch_refuses()
    {
        Feature(("readme.md", "changed\n"));

        await RefusedAsync("git.no-base", () => Host.OpenAsync(Scratch.Application, "feature", "trunk", "alice", Cancellation));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("../../HEAD")]
    [InlineData("a\nb")]
    [InlineData("x.lock")]
    public async Task A_missing_head_branch_refuses(string name) =>
        await RefusedAsync("git.no-head", () => Host.OpenAsync(Scratch.Application, name, "main", "alice", Cancellation));

    [Fact]
    public async Task A_head_that_brings_nothing_refuses()
    {
        Scratch.Point("feature", Base);
        await RefusedAsync("git.same", () => OpenAsync());

        Scratch.Commit("main", Base, ("readme.md", "newer\n"));
        await RefusedAsync("git.same", () => OpenAsync());
    }

    [Fact]
    public async Task A_conflict_refuses_and_names_the_path_fit_to_be_shown()
    {
        Feature(("read\u001bme.md", "mine\n"));
        Scratch.Commit("main", Base, ("read\u001bme.md", "theirs\n"));

        var reason = await RefusedAsync("git.conflict", () => OpenAsync());

        Assert.Contains("read\uFFFDme.md", reason.Found, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', reason.Found);
    }

    [Fact]
    public async Task Histories_without_a_common_commit_refuse()
    {
        Scratch.Commit("feature", null, ("other.md", "x\n"));

        await RefusedAsync("git.unrelated", () => OpenAsync());
    }

    [Fact]
    public async Task Concurrent_opens_lose_no_number_and_double_none()
    {
        var branches = Enumerable.Range(1, 8).Select(i => $"feature/{i}").ToList();
        branches.ForEach(branch => Scratch.Commit(branch, Base, ("readme.md", branch)));

        var opened = await Task.WhenAll(
            branches.Concat(branches).Select(branch => NewHost().OpenAsync(Scratch.Application, branch, "main", "alice", Cancellation)));

        Assert.Equal(Enumerable.Range(1, 8), opened.Select(change => change.Number).Distinct().Order());
        Assert.All(opened.GroupBy(change => change.HeadBranch), group => Assert.Single(group.Select(change => change.Number).Distinct()));
    }

    [Fact]
    public async Task A_lock_held_for_ever_ends_in_a_timeout()
    {
        Feature(("readme.md", "changed\n"));
        using var hasty = new LocalRepositories(TimeProvider.System, TimeSpan.FromMilliseconds(300));
        var host = new LocalGitHost(hasty, new Roster(), new Maestro.Manifests.YamlManifestReader(), TimeProvider.System);
        await using var held = new FileStream(
            Path.Combine(Scratch.Path, RepositoryLock.FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        var broken = await Assert.ThrowsAsync<OutsideException>(
            () => host.OpenAsync(Scratch.Application, "feature", "main", "alice", Cancellation));

        Assert.Equal("git.timeout", broken.Reason.Code);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_could_not_be_read()
    {
        var nowhere = Scratch.Application with { Repository = Scratch.NewFolder() };

        var broken = await Assert.ThrowsAsync<OutsideException>(() => Host.ReadAsync(nowhere, 1, Cancellation));

        Assert.Equal("git.no-repository", broken.Reason.Code);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_stops()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Host.ReadAsync(Scratch.Application, 1, cancelled.Token));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData("git~1")]
    public async Task A_tree_that_git_would_not_write_refuses(string name)
    {
        var hooks = Scratch.Tree(("100755", Scratch.Blob("#!/bin/sh\n"), "post-checkout"));
        Scratch.Point("feature", Scratch.CommitTree(Scratch.Tree(("40000", hooks, name)), "Evil", Base));

        await RefusedAsync("git.unsafe-path", () => OpenAsync());
    }

    [Fact]
    public async Task The_title_is_the_first_line_fit_to_be_shown()
    {
        Scratch.CommitAs(
            "alice@example.com", "feature", Base, "Fix \u202E" + new string('x', 500) + "\n\nbody", ("readme.md", "changed\n"));

        ChangeOpened change = await OpenAsync();

        Assert.StartsWith("Fix \uFFFDxxx", change.Title, StringComparison.Ordinal);
        Assert.InRange(change.Title.Length, 100, 121);
    }
}
