using System.Diagnostics;
using System.Text;

namespace Maestro.Delivery;

/// <summary>Commits written object by object, so that they may hold what git's own commands would refuse.</summary>
internal sealed class BadInputRepository(string path)
{
    private const string Plain = "100644";
    private const string Folder = "40000";

    /// <summary>
    /// Commits the tree of <paramref name="from"/> with these entries put in, replaced, or taken out where the content is null.
    /// </summary>
    public string Commit(string branch, string from, params (string Name, string? Content)[] files) => Commit(
        branch, from, Encoding.UTF8.GetBytes($"Change {branch}"), [.. files.Select(file => new Entry(
            Encoding.UTF8.GetBytes(file.Name), Plain, file.Content is null ? null : Blob(Encoding.UTF8.GetBytes(file.Content))))]);

    public string Commit(string branch, string from, byte[] message, params Entry[] changed)
    {
        var kept = EntriesOf(from).Where(entry => changed.All(other => !other.Name.AsSpan().SequenceEqual(entry.Name)));
        var tree = Tree([.. kept, .. changed.Where(entry => entry.Id is not null)]);
        var parent = Text(null, "rev-parse", from);
        var person = $"author <{TestRepository.AuthorEmail}> 1700000000 +0000";
        byte[] commit = [.. Encoding.UTF8.GetBytes($"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\n"), .. message];
        var id = Text(commit, "hash-object", "-t", "commit", "-w", "--stdin", "--literally");
        Text(null, "update-ref", $"refs/heads/{branch}", id);
        return id;
    }

    public void Delete(string branch) => Text(null, "update-ref", "-d", $"refs/heads/{branch}");

    public Entry File(byte[] name, byte[] content) => new(name, Plain, Blob(content));

    public Entry File(string name, byte[] content) => File(Encoding.UTF8.GetBytes(name), content);

    public Entry FolderOf(string name, params Entry[] entries) => new(Encoding.UTF8.GetBytes(name), Folder, Tree(entries));

    private string Blob(byte[] content) => Text(content, "hash-object", "-w", "--stdin");

    private string Tree(Entry[] entries)
    {
        using var tree = new MemoryStream();
        foreach (var entry in entries.OrderBy(SortName, StringComparer.Ordinal))
        {
            tree.Write(Encoding.ASCII.GetBytes(entry.Mode + " "));
            tree.Write(entry.Name);
            tree.WriteByte(0);
            tree.Write(Convert.FromHexString(entry.Id!));
        }
        return Text(tree.ToArray(), "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
    }

    // Git sorts a folder as if its name ended with a slash.
    private static string SortName(Entry entry) => Convert.ToHexString(entry.Name) + (entry.Mode == Folder ? "2F" : "");

    private List<Entry> EntriesOf(string commit)
    {
        var bytes = Run(null, "cat-file", "tree", $"{commit}^{{tree}}");
        var entries = new List<Entry>();
        for (var at = 0; at < bytes.Length;)
        {
            var space = Array.IndexOf(bytes, (byte)' ', at);
            var end = Array.IndexOf(bytes, (byte)0, space);
            var id = Convert.ToHexStringLower(bytes[(end + 1)..(end + 21)]);
            entries.Add(new(bytes[(space + 1)..end], Encoding.ASCII.GetString(bytes[at..space]), id));
            at = end + 21;
        }
        return entries;
    }

    private string Text(byte[]? input, params string[] arguments) => Encoding.UTF8.GetString(Run(input, arguments)).Trim();

    private byte[] Run(byte[]? input, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var output = new MemoryStream();
        git.StandardInput.BaseStream.Write(input ?? []);
        git.StandardInput.Close();
        git.StandardOutput.BaseStream.CopyTo(output);
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, $"git {string.Join(' ', arguments)} failed.");
        return output.ToArray();
    }

    /// <summary>One entry of a tree, with a name of any bytes.</summary>
    internal sealed record Entry(byte[] Name, string Mode, string? Id);
}
