using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>An entry of a deployment's log on its way to the database.</summary>
/// <param name="Body">Exactly as it will be stored.</param>
internal sealed record SentEntry(string Deployment, LogEntry Entry, byte[] Body);

/// <summary>
/// What a client sends PostgreSQL before it waits for an answer: its messages up to a Sync or a query. A message is a letter, its length
/// with itself as four bytes, big-endian, and its content.
/// </summary>
internal static class WireGroup
{
    public const int Header = 5;
    private static readonly byte[] Kind = "{\"kind\":\""u8.ToArray();
    private static readonly byte[] Id = "pr/"u8.ToArray();

    /// <summary>Whether the client waits for the answer after this message.</summary>
    public static bool Ends(byte type) => type is (byte)'S' or (byte)'Q' or (byte)'H' or (byte)'X' or (byte)'p';

    /// <summary>The log entries that the messages carry as values; none in almost all groups.</summary>
    public static ImmutableArray<SentEntry> EntriesOf(ReadOnlySpan<byte> messages)
    {
        if (messages.IndexOf(Kind) < 0)
        {
            return [];
        }
        var found = ImmutableArray.CreateBuilder<SentEntry>();
        while (messages.Length >= Header)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(messages[1..]) + 1;
            if (messages[0] == 'B')
            {
                found.AddRange(EntriesIn(ValuesOf(messages[Header..length])));
            }
            messages = messages[length..];
        }
        return found.ToImmutable();
    }

    // Bodies stand in one column and their deployments in another, both in the same order.
    private static IEnumerable<SentEntry> EntriesIn(List<List<byte[]>> values)
    {
        var bodies = values.FirstOrDefault(column => column.Count > 0 && column[0].AsSpan().StartsWith(Kind));
        var ids = values.FirstOrDefault(column => column.Count == bodies?.Count && column[0].AsSpan().StartsWith(Id));
        if (bodies is null || ids is null)
        {
            yield break;
        }
        foreach (var (body, id) in bodies.Zip(ids))
        {
            if (Read(body) is { } entry)
            {
                yield return new(Encoding.UTF8.GetString(id), entry, body);
            }
        }
    }

    private static LogEntry? Read(byte[] body)
    {
        try
        {
            return LogJson.Read(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The values of a Bind: a single one is a column of one, a binary array of one dimension is a column of its elements.
    private static List<List<byte[]>> ValuesOf(ReadOnlySpan<byte> bind)
    {
        var at = bind.IndexOf((byte)0) + 1;
        at += bind[at..].IndexOf((byte)0) + 1;
        at += 2 + (2 * BinaryPrimitives.ReadInt16BigEndian(bind[at..]));
        var count = BinaryPrimitives.ReadInt16BigEndian(bind[at..]);
        at += 2;
        var values = new List<List<byte[]>>();
        for (var number = 0; number < count; number++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bind[at..]);
            at += 4;
            var value = bind.Slice(at, Math.Max(0, length));
            values.Add(value.StartsWith(Kind) || value.StartsWith(Id) ? [value.ToArray()] : ElementsOf(value));
            at += value.Length;
        }
        return values;
    }

    private static List<byte[]> ElementsOf(ReadOnlySpan<byte> array)
    {
        const int Head = 20;
        var elements = new List<byte[]>();
        if (array.Length < Head || BinaryPrimitives.ReadInt32BigEndian(array) != 1)
        {
            return elements;
        }
        for (var at = Head; at + 4 <= array.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(array[at..]);
            at += 4;
            if (length < 0 || at + length > array.Length)
            {
                return elements;
            }
            elements.Add(array.Slice(at, length).ToArray());
            at += length;
        }
        return elements;
    }
}
