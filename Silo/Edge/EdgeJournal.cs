using System.Collections.Immutable;
using System.Text.Json;

namespace Maestro.Edge;

/// <summary>One attempted switch.</summary>
/// <param name="Number">How many times the environment has been switched, this one included where it was.</param>
/// <param name="Outcome"><c>switched</c>, <c>already</c>, <c>token-old</c>, <c>not-expected</c>, <c>no-lease</c> or <c>port-in-use</c>.</param>
internal sealed record JournalLine(
    DateTimeOffset Time, string Environment, long Number, long Token, string? Expected, string? Found, string? Target, string Outcome);

/// <summary>
/// Every attempted switch, one JSON object a line, for people and tests that ask whether an effect was doubled. One older file is kept.
/// </summary>
internal sealed class EdgeJournal(EdgeFolder folder, long limit = EdgeJournal.DefaultLimit) : IDisposable
{
    public const long DefaultLimit = 16 * 1024 * 1024;

    private FileStream _file = OpenEnd(folder.Journal);

    private string Older => folder.Journal + ".1";

    public void Append(JournalLine line)
    {
        if (_file.Length >= limit)
        {
            _file.Dispose();
            File.Move(folder.Journal, Older, overwrite: true);
            _file = OpenEnd(folder.Journal);
        }
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, EdgeJson.Options), (byte)'\n'];
        _file.Write(bytes);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>The highest number of a switch that each environment has in the journal.</summary>
    public ImmutableDictionary<string, long> Switches()
    {
        var lines = new[] { Older, folder.Journal }.Where(File.Exists).SelectMany(Read);
        return lines.GroupBy(line => line.Environment).ToImmutableDictionary(group => group.Key, group => group.Max(line => line.Number));
    }

    /// <summary>The whole lines of a journal file; what is no line, such as one cut off by a power failure, is left out.</summary>
    public static IEnumerable<JournalLine> Read(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } text)
        {
            if (Parse(text) is { } line)
            {
                yield return line;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private static JournalLine? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalLine>(text, EdgeJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FileStream OpenEnd(string path)
    {
        var file = EdgeFolder.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
            }
        }
        return file;
    }
}
