using System.Diagnostics;
using System.Text;
using Maestro.Applications;

namespace Maestro.Outside.Git;

/// <summary>A repository of its own in a temporary folder, made with the git command, without anybody's configuration.</summary>
internal sealed class ScratchRepository : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-git-");
    private int _files;

    public ScratchRepository(bool bare = false)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "repository");
        Directory.CreateDirectory(Path);
        IsBare = bare;
        Git("init", "--quiet", "--initial-branch=main", bare ? "--bare" : "--no-bare", ".");
    }

    public string Path { get; }

    public bool IsBare { get; }

    public Application Application => new(
        "shop", "local", "acme", Path, "web", "local",
        new EnvironmentSettings("staging", Ports.Staging, 1), new EnvironmentSettings("production", Ports.Production, 1));

    /// <summary>Where the application is served.</summary>
    public (int Staging, int Production) Ports { get; init; } = (8081, 8080);

    /// <summary>A folder beside the repository that does not exist yet.</summary>
    public string NewFolder() => System.IO.Path.Combine(_folder.FullName, $"folder{++_files}");

    public string Git(params string[] arguments) => Git(null, arguments);

    public string Git(byte[]? input, params string[] arguments) => Run("alice@example.com", input, arguments);

    public string GitAs(string email, params string[] arguments) => Run(email, null, arguments);

    public string Tip(string name) => Git("rev-parse", name);

    /// <summary>The lines of a branch's log, newest first.</summary>
    public string[] Log(string branch) =>
        [.. File.ReadAllLines(System.IO.Path.Combine(Path, IsBare ? "" : ".git", "logs", "refs", "heads", branch)).Reverse()];

    public string Blob(string text) => Blob(Encoding.UTF8.GetBytes(text));

    public string Blob(byte[] content) => Git(content, "hash-object", "-w", "--stdin");

    /// <summary>A tree of raw entries, exactly as they are given; names may hold anything but NUL.</summary>
    public string Tree(params (string Mode, string Id, string Name)[] entries) =>
        RawTree([.. entries.Select(entry => (entry.Mode, entry.Id, Encoding.UTF8.GetBytes(entry.Name)))]);

    public string RawTree(params (string Mode, string Id, byte[] Name)[] entries)
    {
        using var tree = new MemoryStream();
        foreach (var (mode, id, name) in entries)
        {
            tree.Write(Encoding.ASCII.GetBytes(mode.TrimStart('0') + " "));
            tree.Write(name);
            tree.WriteByte(0);
            tree.Write(Convert.FromHexString(id));
        }
        return Git(tree.ToArray(), "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
    }

    public string CommitTree(string tree, string message, params string[] parents) =>
        CommitTreeAs("alice@example.com", tree, message, parents);

    public string CommitTreeAs(string email, string tree, string message, params string[] parents) =>
        Run(
            email, Encoding.UTF8.GetBytes(message),
            ["commit-tree", tree, .. parents.SelectMany(parent => new[] { "-p", parent }), "-F", "-"]);

    public string RawCommit(string tree, string parent, string person, byte[] message)
    {
        var head = $"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\n";
        return Git([.. Encoding.UTF8.GetBytes(head), .. message], "hash-object", "-t", "commit", "-w", "--stdin", "--literally");
    }

    /// <summary>Commits these files, and only these, on a branch that begins where <paramref name="from"/> is.</summary>
    public string Commit(string branch, string? from, params (string Path, string Text)[] files) =>
        CommitAs("alice@example.com", branch, from, "Change something", files);

    public string CommitAs(string email, string branch, string? from, string message, params (string Path, string Text)[] files)
    {
        var tree = TreeOf([.. files.Select(file => (file.Path, Blob(file.Text)))]);
        var commit = CommitTreeAs(email, tree, message, from is null ? [] : [from]);
        Point(branch, commit);
        return commit;
    }

    public void Point(string branch, string commit) => Git("update-ref", $"refs/heads/{branch}", commit);

    public string TreeOf(params (string Path, string Id)[] files)
    {
        var entries = new List<(string, string, string)>();
        foreach (var group in files.GroupBy(file => file.Path.Split('/', 2)[0]).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            entries.Add(group.First().Path.Contains('/', StringComparison.Ordinal)
                ? ("40000", TreeOf([.. group.Select(file => (file.Path.Split('/', 2)[1], file.Id))]), group.Key)
                : ("100644", group.First().Id, group.Key));
        }
        return Tree([.. entries]);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Run(string email, byte[]? input, string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new[]
        {
            ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", email),
            ("GIT_COMMITTER_NAME", "C"), ("GIT_COMMITTER_EMAIL", email), ("GIT_AUTHOR_DATE", "1700000000 +0000"),
            ("GIT_COMMITTER_DATE", "1700000000 +0000"),
        })
        {
            start.Environment[name] = value;
        }
        using var git = Process.Start(start)!;
        git.StandardInput.BaseStream.Write(input ?? []);
        git.StandardInput.Close();
        var output = git.StandardOutput.ReadToEnd();
        var errors = git.StandardError.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {errors}");
    }
}
