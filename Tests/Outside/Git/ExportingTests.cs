using System.Text;

namespace Maestro.Outside.Git;

public sealed class ExportingTests : GitTests
{
    [Fact]
    public async Task Files_are_written_byte_for_byte_with_their_mode()
    {
        byte[] odd = [(byte)'a', (byte)'\r', (byte)'\n', 0, 0xff];
        var sub = Scratch.Tree(("100755", Scratch.Blob("#!/bin/sh\n"), "run.sh"));
        var tree = Scratch.Tree(
            ("100644", Scratch.Blob("* text eol=crlf ident\n"), ".gitattributes"), ("100644", Scratch.Blob(odd), "odd.bin"),
            ("40000", sub, "scripts"),
            ("100644", Scratch.Blob("$Id$\n"), "text.txt"));
        var folder = Scratch.NewFolder();

        await Host.ExportAsync(Scratch.Application, Scratch.CommitTree(tree, "Files", Base), folder, Cancellation);

        Assert.Equal(odd, await File.ReadAllBytesAsync(Path.Combine(folder, "odd.bin"), Cancellation));
        Assert.Equal("$Id$\n", await File.ReadAllTextAsync(Path.Combine(folder, "text.txt"), Cancellation));
        Assert.Equal("rwxr-xr-x", Mode(Path.Combine(folder, "scripts", "run.sh")));
        Assert.Equal("rw-r--r--", Mode(Path.Combine(folder, "text.txt")));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/../../b")]
    [InlineData("/etc")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData(".git ")]
    [InlineData(".git.")]
    [InlineData(".g\u200cit")]
    [InlineData("git~1")]
    [InlineData("GIT~2")]
    [InlineData(".git::$INDEX_ALLOCATION")]
    [InlineData("..\\evil")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\u001bb")]
    public async Task A_name_that_leaves_the_folder_or_belongs_to_git_refuses(string name)
    {
        await RefusesAsync(Scratch.Tree(("100644", Scratch.Blob("x"), "a"), ("100644", Scratch.Blob("evil"), name)));
        await RefusesAsync(Scratch.Tree(("40000", Scratch.Tree(("100644", Scratch.Blob("evil"), "file")), name)));
    }

    [Fact]
    public async Task A_name_that_is_not_utf8_refuses() =>
        await RefusesAsync(Scratch.RawTree(("100644", Scratch.Blob("x"), [(byte)'a', 0xff])));

    [Fact]
    public async Task Links_and_submodules_refuse()
    {
        await RefusesAsync(Scratch.Tree(("120000", Scratch.Blob("/etc"), "link")));
        await RefusesAsync(Scratch.Tree(("160000", Base, "sub")));
    }

    [Fact]
    public async Task Two_files_of_one_name_refuse() => await RefusesAsync(
        Scratch.Tree(("100644", Scratch.Blob("x"), "a"), ("40000", Scratch.Tree(("100644", Scratch.Blob("y"), "b")), "a")));

    [Fact]
    public async Task A_link_that_a_folder_is_written_through_refuses()
    {
        var (tree, evil) = LinkAndFolder();

        await RefusesAsync(tree);
        Assert.False(File.Exists(evil));
    }

    [Fact]
    public async Task Without_the_checks_the_same_trees_leave_the_folder()
    {
        var (tree, evil) = LinkAndFolder();
        using var repository = new LibGit2Sharp.Repository(Scratch.Path);

        WriteUnchecked(Objects.FindTree(repository, tree), Scratch.NewFolder());
        Assert.Equal("evil", await File.ReadAllTextAsync(evil, Cancellation));

        var folder = Scratch.NewFolder();
        var above = Scratch.Tree(("40000", Scratch.Tree(("100644", Scratch.Blob("evil"), "above")), ".."));
        WriteUnchecked(Objects.FindTree(repository, above), folder);
        Assert.True(File.Exists(Path.Combine(folder, "..", "above")));
    }

    [Fact]
    public async Task What_is_in_the_folder_is_not_overwritten()
    {
        var folder = Directory.CreateDirectory(Scratch.NewFolder()).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "mine"), "x", Cancellation);

        await RefusedAsync("git.folder-not-empty", () => Host.ExportAsync(Scratch.Application, Base, folder, Cancellation));
        Assert.True(File.Exists(Path.Combine(folder, "mine")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_leaves_nothing_behind()
    {
        var noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        var broken = Scratch.Blob(noise);
        var tree = Scratch.Tree(("100644", Scratch.Blob("a"), "a"), ("100644", broken, "b"));
        var path = Path.Combine(Scratch.Path, "objects", broken[..2], broken[2..]);
        var stored = await File.ReadAllBytesAsync(path, Cancellation);
        File.Delete(path);
        stored.AsSpan(5000, 1000).Fill(0xff);
        await File.WriteAllBytesAsync(path, stored, Cancellation);
        var folder = Directory.CreateDirectory(Scratch.NewFolder()).FullName;

        var error = await Assert.ThrowsAsync<OutsideException>(() => Host.ExportAsync(Scratch.Application, tree, folder, Cancellation));

        Assert.Equal("git.unreadable", error.Reason.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_a_tree_holds_only_named_errors_escape(int seed)
    {
        var random = new Random(seed);
        using var repository = new LibGit2Sharp.Repository(Scratch.Path);
        var blob = Convert.FromHexString(Scratch.Blob("x\n"));
        var sub = Convert.FromHexString(Scratch.Tip("main^{tree}"));
        byte[] whole = [.. Bytes("100644 a\0"), .. blob, .. Bytes("40000 b\0"), .. sub, .. Bytes("120000 c\0"), .. blob];
        for (var round = 0; round < 150; round++)
        {
            var bytes = whole.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            var tree = repository.ObjectDatabase.Write<LibGit2Sharp.Tree>(bytes).Sha;
            var commit = repository.ObjectDatabase.Write<LibGit2Sharp.Commit>(
                Bytes($"tree {tree}\nparent {Base}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n")).Sha;
            var errors = new[]
            {
                await Record.ExceptionAsync(() => Host.ExportAsync(Scratch.Application, tree, Scratch.NewFolder(), Cancellation)),
                await Record.ExceptionAsync(() => CompareAsync(commit)),
            };
            Assert.All(
                errors, error => Assert.True(error is null or Deployments.RefusedException or OutsideException, $"round {round}: {error}"));
        }
    }

    [Fact]
    public async Task What_is_no_tree_refuses()
    {
        foreach (var id in new[] { "", "main", new string('0', 40), Base[..12], "HEAD", Scratch.Blob("x") })
        {
            await RefusedAsync("git.no-commit", () => Host.ExportAsync(Scratch.Application, id, Scratch.NewFolder(), Cancellation));
        }
    }

    [Fact]
    public async Task One_file_is_read_or_is_not_there()
    {
        Assert.Equal("app\n", Encoding.UTF8.GetString((await FileAsync("src/app.txt"))!));
        Assert.Null(await FileAsync("src/none.txt"));
        Assert.Null(await FileAsync("../readme.md"));
        Assert.Null(await FileAsync(""));
        Assert.Null(await FileAsync("/readme.md"));
        await RefusedAsync("git.not-a-file", () => FileAsync("src"));
        await RefusedAsync("git.too-large", () => Host.ReadFileAsync(Scratch.Application, Base, "readme.md", 3, Cancellation));
    }

    [Fact]
    public async Task A_folder_is_read_with_paths_relative_to_it()
    {
        var commit = Feature(("infra/a.json", "a"), ("infra/deep/b.json", "b"), ("other", "x"));

        var files = await FolderAsync(commit, "infra/", 10, 10);

        Assert.Equal(["a.json", "deep/b.json"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(await FolderAsync(commit, "none", 10, 10));
        Assert.Equal(3, (await FolderAsync(commit, ".", 10, 10)).Count);
        await RefusedAsync("git.too-many-files", () => FolderAsync(commit, "infra", 1, 10));
        await RefusedAsync("git.too-large", () => FolderAsync(commit, "infra", 10, 1));
        var links = Scratch.Tree(("40000", Scratch.Tree(("120000", Scratch.Blob("/etc/passwd"), "a")), "infra"));
        await RefusedAsync("git.unsafe-path", () => FolderAsync(links, "infra", 10, 100));
        await RefusedAsync("git.unsafe-path", () => FolderAsync(links, "infra/a", 10, 100));
    }

    private (string Tree, string Evil) LinkAndFolder()
    {
        var outside = Directory.CreateDirectory(Scratch.NewFolder()).FullName;
        var sub = Scratch.Tree(("100644", Scratch.Blob("evil"), "evil"));
        return (Scratch.Tree(("120000", Scratch.Blob(outside), "a"), ("40000", sub, "a")), Path.Combine(outside, "evil"));
    }

    private static void WriteUnchecked(LibGit2Sharp.Tree tree, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var entry in tree)
        {
            var path = Path.Combine(folder, entry.Name);
            switch (entry.Target)
            {
                case LibGit2Sharp.Tree sub:
                    WriteUnchecked(sub, path);
                    break;
                case LibGit2Sharp.Blob link when entry.Mode == LibGit2Sharp.Mode.SymbolicLink:
                    File.CreateSymbolicLink(path, link.GetContentText());
                    break;
                case LibGit2Sharp.Blob file:
                    File.WriteAllText(path, file.GetContentText());
                    break;
            }
        }
    }

    private static string Mode(string path)
    {
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
        return string.Concat(Enumerable.Range(0, 9).Select(bit => ((int)mode & (1 << (8 - bit))) != 0 ? "rwx"[bit % 3] : '-'));
    }

    private async Task RefusesAsync(string tree)
    {
        var folder = Scratch.NewFolder();
        await RefusedAsync("git.unsafe-path", () => Host.ExportAsync(Scratch.Application, tree, folder, Cancellation));
        Assert.False(Directory.Exists(folder) || File.Exists(folder));
    }

    private Task<byte[]?> FileAsync(string path) => Host.ReadFileAsync(Scratch.Application, Base, path, 100, Cancellation);

    private Task<System.Collections.Immutable.ImmutableDictionary<string, byte[]>> FolderAsync(
        string tree, string folder, int files, long bytes) =>
        Host.ReadFolderAsync(Scratch.Application, tree, folder, files, bytes, Cancellation);
}
