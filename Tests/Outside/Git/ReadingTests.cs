namespace Maestro.Outside.Git;

public sealed class ReadingTests : GitTests
{
    [Fact]
    public async Task A_push_moves_the_recorded_head_and_merge()
    {
        var first = Feature(("readme.md", "changed\n"));
        var opened = await OpenAsync();
        var second = Scratch.Commit("feature", first, ("readme.md", "changed again\n"));

        Assert.True(await HasMovedAsync(opened));
        var read = await ReadAsync(1);

        Assert.Equal(second, read.Head);
        Assert.Equal(second, Scratch.Tip("refs/pull/1/head"));
        Assert.Equal(read.MergeCommit, Scratch.Tip("refs/pull/1/merge"));
        Assert.False(await HasMovedAsync(read));
    }

    [Fact]
    public async Task A_moved_base_gives_another_merge()
    {
        Feature(("readme.md", "one\ntwo\nthree\n"), ("new.txt", "new\n"), ("src/app.txt", "app\n"));
        var opened = await OpenAsync();
        var moved = Scratch.Commit("main", Base, ("readme.md", "zero\none\ntwo\nthree\n"), ("src/app.txt", "app\n"));

        Assert.True(await HasMovedAsync(opened));
        var read = await ReadAsync(1);

        Assert.Equal(moved, read.Base);
        Assert.NotEqual(opened.MergeTree, read.MergeTree);
        Assert.Equal("zero", Scratch.Git("show", $"{read.MergeTree}:readme.md").Split('\n')[0]);
        Assert.Equal("new", Scratch.Git("show", $"{read.MergeTree}:new.txt"));
    }

    [Fact]
    public async Task A_vanished_branch_refuses()
    {
        Feature(("readme.md", "changed\n"));
        var opened = await OpenAsync();
        Scratch.Git("update-ref", "-d", "refs/heads/feature");

        await RefusedAsync("git.head-vanished", () => ReadAsync(1));
        Assert.True(await HasMovedAsync(opened));

        Scratch.Git("update-ref", "-d", "refs/heads/main");
        await RefusedAsync("git.no-base", () => ReadAsync(1));
    }

    [Fact]
    public async Task Names_of_authors_are_handed_over_as_they_are_written()
    {
        var tree = Scratch.TreeOf(("readme.md", Scratch.Blob("changed\n")));
        var head = Scratch.RawCommit(tree, Base, "ali\u202Ece <alice@example.com> 1700000000 +0000", "Change\n"u8.ToArray());

        var comparison = await CompareAsync(head);

        Assert.Equal(["ali\u202Ece", "alice@example.com"], comparison.CommitNames.Select(name => name.Open()));
    }

    [Fact]
    public async Task An_unknown_number_refuses() => await RefusedAsync("git.no-pull", () => ReadAsync(7));

    [Fact]
    public async Task References_that_git_has_packed_are_found_and_moved()
    {
        var first = Feature(("readme.md", "changed\n"));
        await OpenAsync();
        Scratch.Git("pack-refs", "--all", "--prune");
        var second = Scratch.Commit("feature", first, ("readme.md", "again\n"));

        Assert.Equal(second, (await ReadAsync(1)).Head);
        Assert.Equal(second, Scratch.Tip("refs/pull/1/head"));
    }

    [Fact]
    public async Task Opener_authors_and_committers_are_all_authors()
    {
        var first = Scratch.CommitAs("bob@example.com", "feature", Base, "By Bob", ("readme.md", "bob\n"));
        Scratch.CommitAs("Mallory@Elsewhere.example", "feature", first, "By Mallory", ("readme.md", "mallory\n"));

        var change = await OpenAsync("ALICE@example.com");

        Assert.Equal("alice", change.Opener);
        Assert.Equal(["alice", "bob", "mallory@elsewhere.example"], change.Authors);
        Assert.False(change.AuthorsKnown);
    }

    [Fact]
    public async Task Authors_in_the_roster_are_known()
    {
        Scratch.CommitAs("Bob@Example.com", "feature", Base, "By Bob", ("readme.md", "bob\n"));

        var change = await OpenAsync();

        Assert.Equal(["alice", "bob"], change.Authors);
        Assert.True(change.AuthorsKnown);
    }

    [Fact]
    public async Task Who_moved_the_branch_last_is_an_author()
    {
        UseCheckout();
        var head = Scratch.CommitTree(Scratch.TreeOf(("readme.md", Scratch.Blob("changed\n"))), "By Alice", Base);
        Scratch.GitAs("bob@example.com", "update-ref", "-m", "moved by hand", "refs/heads/feature", head);

        Assert.Equal(["alice", "bob"], (await OpenAsync()).Authors);
    }

    [Fact]
    public async Task Too_many_commits_refuse()
    {
        var tree = Scratch.TreeOf(("readme.md", Scratch.Blob("changed\n")));
        var commit = Base;
        var stream = new System.Text.StringBuilder();
        for (var i = 0; i <= Commits.Limit; i++)
        {
            stream.Append("commit refs/heads/feature\ncommitter A <alice@example.com> 1700000000 +0000\ndata 1\nx\n");
            stream.Append(i == 0 ? $"from {commit}\nM 040000 {tree} \n" : "").Append('\n');
        }
        Scratch.Git(Bytes(stream.ToString()), "fast-import", "--quiet");

        await RefusedAsync("git.too-many-commits", () => OpenAsync());
    }

    [Theory]
    [InlineData("A <a@example.com> 99999999999999 +0000")]
    [InlineData("A <a@example.com> 1700000000 +9999")]
    [InlineData("A <a@example.com> 1700000000 -9959")]
    [InlineData("A a@example.com 1700000000 +0000")]
    [InlineData("")]
    [InlineData("A <> 0 +0000")]
    [InlineData("<\u0001> 18446744073709551615 +0000")]
    public async Task A_commit_written_by_hand_never_crashes(string person)
    {
        var tree = Scratch.TreeOf(("readme.md", Scratch.Blob("changed\n")));
        var commit = Scratch.RawCommit(tree, Base, person, [0xff, 0xfe, (byte)'\n']);
        await File.WriteAllTextAsync(Path.Combine(Scratch.Path, "refs", "heads", "feature"), commit + "\n", Cancellation);

        var error = await Record.ExceptionAsync(() => OpenAsync());

        Assert.True(error is null or Deployments.RefusedException or OutsideException, error?.ToString());
    }

    [Fact]
    public async Task Paths_that_judge_the_change_are_sensitive()
    {
        const string Manifest = "version: 1\napplication: shop\nbuild: {command: [a], output: out}\nrun: {command: [a]}\n"
            + "health: [{path: /}]\ninfrastructure: {directory: deploy/infra}\n";
        Base = Scratch.Commit("main", Base, ("maestro.yaml", Manifest));
        Feature(
            ("MAESTRO.yaml", "x"), (".github/workflows/ci.yml", "x"), ("docs/CODEOWNERS", "x"), ("Policies/p.js", "x"),
            ("deploy/infra/a.json", "x"),
            ("infrastructure/b.json", "x"), ("src/maestro.yaml", "x"), ("maestro.yaml", Manifest + "merge: never\n"), ("plain.txt", "x"));

        var change = await OpenAsync();

        Assert.Equal(
            [".github/workflows/ci.yml", "MAESTRO.yaml", "Policies/p.js", "deploy/infra/a.json", "docs/CODEOWNERS", "maestro.yaml"],
            change.SensitivePaths);
    }

    [Fact]
    public async Task With_a_bad_manifest_the_usual_infrastructure_folder_is_sensitive()
    {
        Base = Scratch.Commit("main", Base, ("maestro.yaml", "infrastructure: {directory: elsewhere}"));
        Feature(("maestro.yaml", "infrastructure: {directory: elsewhere}"), ("Infrastructure/b.json", "x"), ("elsewhere/a.json", "x"));

        Assert.Equal(["Infrastructure/b.json"], (await OpenAsync()).SensitivePaths);
    }
}
