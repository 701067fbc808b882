using System.Globalization;
using System.Text;
using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>
/// A reference's log in git's format, kept also in bare repositories, where git keeps none by default: it is the journal of what
/// Maestro moved.
/// </summary>
internal sealed class ReferenceLog(string gitFolder, string name, TimeProvider time)
{
    private const string Nothing = "0000000000000000000000000000000000000000";

    private readonly string _path = Path.Combine(gitFolder, "logs", name);

    /// <summary>Writes one line, unless the last line is this move already: then its writer died before it moved the reference.</summary>
    public void Append(ObjectId? from, ObjectId to, string message)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var move = $"{from?.Sha ?? Nothing} {to.Sha} ";
        if (!LastLine().StartsWith(move, StringComparison.Ordinal))
        {
            var seconds = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            File.AppendAllText(_path, $"{move}{Committer.Name} <{Committer.Email}> {seconds} +0000\t{message}\n");
        }
    }

    private string LastLine()
    {
        if (!File.Exists(_path))
        {
            return "";
        }
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, 4096), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n')[^1];
    }
}
