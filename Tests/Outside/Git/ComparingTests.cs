using System.Text;

namespace Maestro.Outside.Git;

public sealed class ComparingTests : GitTests
{
    [Fact]
    public async Task Lines_are_counted_on_both_sides()
    {
        var head = Feature(("readme.md", "one\n2\nthree\nfour\n"), ("src/app.txt", "app\n"));

        var file = Assert.Single((await CompareAsync(head)).Files);

        Assert.Equal("readme.md", file.Path.Open());
        Assert.Equal([2, 4], file.AddedLines);
        Assert.Equal([2], file.RemovedLines);
        Assert.Equal("one\n2\nthree\nfour\n", Encoding.UTF8.GetString(file.New!.Value.Span));
        Assert.Equal("one\ntwo\nthree\n", Encoding.UTF8.GetString(file.Old!.Value.Span));
    }

    [Fact]
    public async Task What_the_merge_changes_is_compared_not_what_the_base_gained()
    {
        var head = Feature(("readme.md", "one\ntwo\nthree\nfour\n"), ("src/app.txt", "app\n"));
        Base = Scratch.Commit("main", Base, ("readme.md", "zero\none\ntwo\nthree\n"), ("src/app.txt", "app\n"), ("theirs.txt", "x\n"));

        var file = Assert.Single((await CompareAsync(head)).Files);

        Assert.Equal([5], file.AddedLines);
        Assert.Empty(file.RemovedLines);
        Assert.Equal("zero\none\ntwo\nthree\nfour\n", Encoding.UTF8.GetString(file.New!.Value.Span));
    }

    [Fact]
    public async Task A_missing_line_end_is_a_change_of_that_line()
    {
        var head = Feature(("readme.md", "one\ntwo\nthree"), ("src/app.txt", "app\n"), ("new.txt", "a\nb"));

        var files = (await CompareAsync(head)).Files;

        Assert.Equal([1, 2], files.Single(file => file.Path.Open() == "new.txt").AddedLines);
        var changed = files.Single(file => file.Path.Open() == "readme.md");
        Assert.Equal([3], changed.AddedLines);
        Assert.Equal([3], changed.RemovedLines);
    }

    [Fact]
    public async Task Messages_and_names_that_are_cut_or_left_out_are_counted()
    {
        var tree = Scratch.TreeOf(("readme.md", Scratch.Blob("one\n")));
        var head = Base;
        for (var number = 0; number < 101; number++)
        {
            head = Scratch.CommitTree(tree, "Change something", head);
        }
        head = Scratch.RawCommit(tree, head, $"{new string('n', 17 << 10)} <a@example.com> 1700000001 +0000", Bytes(new string('m', 17 << 10)));

        var comparison = await CompareAsync(head);

        Assert.Equal(100, comparison.CommitMessages.Length);
        Assert.Equal((2 + 1, 1), (comparison.MessagesUnread, comparison.NamesUnread));
    }

    [Fact]
    public async Task Deleted_files_have_their_old_lines_and_no_new_content()
    {
        var head = Feature(("src/app.txt", "app\n"));

        var file = Assert.Single((await CompareAsync(head)).Files);

        Assert.Null(file.New);
        Assert.Equal([1, 2, 3], file.RemovedLines);
        Assert.Empty(file.AddedLines);
    }

    [Fact]
    public async Task Renames_are_found_with_and_without_changes()
    {
        var head = Feature(("guide.md", "one\ntwo\nthree\nfour\n"), ("lib/app.txt", "app\n"));

        var files = (await CompareAsync(head)).Files;

        var (guide, app) = (files.Single(file => file.Path.Open() == "guide.md"), files.Single(file => file.Path.Open() == "lib/app.txt"));
        Assert.Equal(2, files.Length);
        Assert.Equal(("readme.md", "src/app.txt"), (guide.Before!.Open(), app.Before!.Open()));
        Assert.Equal([4], guide.AddedLines);
        Assert.Empty(guide.RemovedLines);
        Assert.Empty(app.AddedLines);
    }

    [Fact]
    public async Task A_file_that_shares_little_is_not_a_rename()
    {
        var head = Feature(("guide.md", "one\nx\ny\nz\nw\n"), ("src/app.txt", "app\n"));

        var files = (await CompareAsync(head)).Files;

        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Null(file.Before));
    }

    [Fact]
    public async Task Contents_that_are_no_text_are_listed_and_said_why()
    {
        var blob = Scratch.Blob("a\n");
        var tree = Scratch.Tree(
            ("100644", Scratch.Blob([1, 0, 2]), "binary.bin"), ("120000", Scratch.Blob("/etc/passwd"), "link"), ("100755", blob, "run.sh"),
            ("160000", Base, "sub"));
        var head = Scratch.CommitTree(tree, "Odd", Base);

        var files = (await CompareAsync(head)).Files.ToDictionary(file => file.Path.Open());

        Assert.Equal("binary", files["binary.bin"].Skipped);
        Assert.Equal("link", files["link"].Skipped);
        Assert.Equal("submodule", files["sub"].Skipped);
        Assert.Null(files["run.sh"].Skipped);
        Assert.All(files.Values.Where(file => file.Skipped is not null), file => Assert.Null(file.New));
    }

    [Fact]
    public async Task A_binary_file_that_becomes_text_is_read_whole()
    {
        Base = Scratch.CommitTree(Scratch.Tree(("100644", Scratch.Blob([1, 0, 2]), "file")), "Binary", Base);
        var head = Scratch.CommitTree(Scratch.Tree(("100644", Scratch.Blob("a\nb\n"), "file")), "Text", Base);

        var file = Assert.Single((await CompareAsync(head)).Files);

        Assert.Null(file.Skipped);
        Assert.Equal([1, 2], file.AddedLines);
    }

    [Fact]
    public async Task Limits_are_counted_never_silent()
    {
        var head = Feature(("a", new string('a', 60)), ("b", new string('b', 60)), ("c", new string('c', 200)), ("d", "d"), ("e", "e"));

        var comparison = await CompareAsync(head, new ComparisonLimits(4, 100, 100));

        var skipped = comparison.Files.ToDictionary(file => file.Path.Open(), file => file.Skipped);
        Assert.Equal(7, comparison.FilesInAll);
        Assert.Equal((null, "over the limit", "too large", null), (skipped["a"], skipped["b"], skipped["c"], skipped["d"]));
        Assert.Equal("over the limit", skipped["src/app.txt"]);
    }

    [Fact]
    public async Task Fifty_megabytes_are_skipped_by_their_size()
    {
        var large = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1 << 20).Select(i => $"{i:D49}\n")));
        var tree = Scratch.Tree(("100644", Scratch.Blob(large), "large.txt"), ("100644", Scratch.Blob("small\n"), "small.txt"));
        Base = Scratch.CommitTree(tree, "Large", Base);
        large[100] = (byte)'x';
        var head = Scratch.CommitTree(
            Scratch.Tree(("100644", Scratch.Blob(large), "large.txt"), ("100644", Scratch.Blob("changed\n"), "small.txt")), "Larger", Base);
        var before = GC.GetTotalAllocatedBytes();

        var files = (await CompareAsync(head)).Files;

        Assert.Equal(["too large", null], files.Select(file => file.Skipped));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 40L << 20);
    }

    [Fact]
    public async Task Large_files_that_both_sides_changed_are_not_merged()
    {
        var large = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1 << 17).Select(i => $"{i:D49}\n")));
        var fork = Scratch.CommitTree(Scratch.Tree(("100644", Scratch.Blob(large), "large.txt")), "Large", Base);
        large[100] = (byte)'x';
        var head = Scratch.CommitTree(Scratch.Tree(("100644", Scratch.Blob(large), "large.txt")), "Head", fork);
        large[^100] = (byte)'y';
        Base = Scratch.CommitTree(Scratch.Tree(("100644", Scratch.Blob(large), "large.txt")), "Base", fork);

        await RefusedAsync("git.too-large-to-merge", () => CompareAsync(head));
    }

    [Fact]
    public async Task Names_with_any_bytes_survive()
    {
        var (one, two) = (Scratch.Blob("one\n"), Scratch.Blob("two\n"));
        var tree = Scratch.RawTree(
            ("100644", one, Bytes("line\nbreak\u0001.txt")), ("100644", two, [(byte)'a', 0xfe]), ("100644", one, [(byte)'a', 0xff]));
        var head = Scratch.CommitTree(tree, "Odd", Base);

        var files = (await CompareAsync(head)).Files.Where(file => file.New is not null).ToList();

        Assert.Equal(["a\uFFFD", "a\uFFFD", "line\nbreak\u0001.txt"], files.Select(file => file.Path.Open()));
        Assert.Equal(
            ["one\n", "one\n", "two\n"], files.Select(file => Encoding.UTF8.GetString(file.New!.Value.Span)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Contents_and_messages_that_are_not_utf8_survive()
    {
        byte[] content = [0xff, 0xfe, (byte)'\n', 0x80, (byte)'\n'];
        var tree = Scratch.Tree(("100644", Scratch.Blob(content), "latin.txt"));
        var head = Scratch.RawCommit(tree, Base, "A <alice@example.com> 1700000000 +0000", [(byte)'m', 0xff, (byte)'\n']);

        var comparison = await CompareAsync(head);

        var file = comparison.Files.Single(file => file.Path.Open() == "latin.txt");
        Assert.Equal(content, file.New!.Value.ToArray());
        Assert.Equal([1, 2], file.AddedLines);
        Assert.Equal("m\uFFFD\n", Assert.Single(comparison.CommitMessages).Open());
    }

    [Fact]
    public async Task Messages_are_cut_and_what_is_left_out_is_counted()
    {
        var commit = Base;
        var tree = Scratch.TreeOf(("readme.md", Scratch.Blob("changed\n")));
        commit = Scratch.CommitTree(tree, new string('m', 20_000), commit);
        var long1 = await CompareAsync(commit);
        for (var i = 0; i < 100; i++)
        {
            commit = Scratch.CommitTree(tree, $"Number {i}", commit);
        }

        var whole = await CompareAsync(commit);

        Assert.Equal(16 << 10, long1.CommitMessages.Single().Open().Length);
        Assert.Equal(1, long1.MessagesUnread);
        Assert.Equal((100, 1), (whole.CommitMessages.Length, whole.MessagesUnread));
    }

    [Fact]
    public async Task A_tree_that_stands_for_billions_of_files_refuses()
    {
        var tree = Scratch.Tree(("100644", Scratch.Blob("x"), "file"));
        for (var i = 0; i < 12; i++)
        {
            tree = Scratch.Tree([.. Enumerable.Range(0, 10).Select(j => ("40000", tree, $"{j}"))]);
        }
        var head = Scratch.CommitTree(tree, "Bomb", Base);

        await RefusedAsync("git.too-many-files", () => CompareAsync(head));
        await RefusedAsync("git.too-many-files", () => Host.ExportAsync(Scratch.Application, tree, Scratch.NewFolder(), Cancellation));
    }

    [Fact]
    public async Task A_tree_that_is_deep_without_end_refuses()
    {
        var tree = Scratch.Tree(("100644", Scratch.Blob("x"), "file"));
        for (var i = 0; i < 300; i++)
        {
            tree = Scratch.Tree(("40000", tree, "d"));
        }

        await RefusedAsync("git.too-deep", () => CompareAsync(Scratch.CommitTree(tree, "Deep", Base)));
    }

    [Fact]
    public async Task Worst_case_text_is_compared_in_bounded_time()
    {
        var random = new Random(42);
        string Noise() => string.Concat(Enumerable.Range(0, 200_000).Select(_ => $"{random.Next(1000)}\n"));
        Base = Scratch.Commit("main", Base, ("noise.txt", Noise()));

        var file = Assert.Single((await CompareAsync(Feature(("noise.txt", Noise())))).Files);

        Assert.NotEmpty(file.AddedLines);
    }
}
