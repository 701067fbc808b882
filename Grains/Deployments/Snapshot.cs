using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Deployments;

/// <summary>
/// The progress as the head keeps it: JSON arrays without names and digests in base64, because a head beyond 1,900 bytes leaves the
/// database's inline storage. It is derived: what cannot be read is rebuilt from the log.
/// </summary>
public static class Snapshot
{
    public const int MaxBytes = 1900;

    /// <summary>
    /// The bytes, without the oldest closed attempts where they would not fit; empty where the others do not either, so that the next activation
    /// reads the log.
    /// </summary>
    public static byte[] Write(Progress progress)
    {
        for (var part = progress; part is not null; part = part.Shorten())
        {
            var root = new JsonArray(part.Number, new JsonArray([.. part.Attempts.Select(Attempt)]));
            if (part.Shortened)
            {
                root.Add((JsonNode)1);
            }
            if (JsonSerializer.SerializeToUtf8Bytes(root) is { Length: <= MaxBytes } bytes)
            {
                return bytes;
            }
        }
        return [];
    }

    /// <exception cref="FormatException">The bytes are not a snapshot.</exception>
    public static Progress Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var root = JsonNode.Parse(bytes.Span)!.AsArray();
            return new((int)root[0]!, [.. root[1]!.AsArray().Select(attempt => Attempt(attempt!.AsArray()))], root.Count > 2);
        }
        catch (Exception damage) when (damage is JsonException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new FormatException("The head's snapshot cannot be read; the log can.", damage);
        }
    }

    private static JsonArray Attempt(AttemptProgress a) => new(
        a.Attempt, a.TableVersion, a.OpenedAt.UtcTicks, Of(a.Head), Of(a.Base), Of(a.MergeTree), Of(a.Evidence.Hex), a.BackCode,
        Since(a.OpenedAt, a.BackSince), a.Target, a.Reopened, a.Outcome?.ToString(), a.ClosedCode,
        new JsonArray([.. a.Rows.Values.OrderBy(row => row.Order).Select(row => Row(a.OpenedAt, row))]));

    private static AttemptProgress Attempt(JsonArray a)
    {
        var opened = new DateTimeOffset((long)a[2]!, TimeSpan.Zero);
        return new(
            (int)a[0]!, (int)a[1]!, opened, Hex(a[3])!, Hex(a[4])!, Hex(a[5])!, Digest.Parse(Hex(a[6])!),
            a[13]!.AsArray().Select(row => Row(opened, row!.AsArray())).ToImmutableDictionary(row => row.Stage),
            (string?)a[7], At(opened, a[8]), (string?)a[9], (bool)a[10]!, a[11] is { } outcome ? Enum.Parse<Outcome>((string)outcome!) : null, (string?)a[12]);
    }

    private static JsonArray Row(DateTimeOffset opened, RowProgress r) => new(
        r.Stage.ToString(), (int)r.State, r.Try, r.Order, Since(opened, r.StartedAt), Of(r.Evidence?.Hex), r.Code,
        (r.Quiet ? 1 : 0) | (r.Undone ? 2 : 0) | (r.Restored ? 4 : 0), r.FailedUndos, Since(opened, r.ChangedAt), (long)r.Within.TotalMilliseconds);

    private static RowProgress Row(DateTimeOffset opened, JsonArray r) => new(
        Enum.Parse<Stage>((string)r[0]!), (RowState)(int)r[1]!, (int)r[2]!, (int)r[3]!, At(opened, r[4])!.Value,
        Hex(r[5]) is { } evidence ? Digest.Parse(evidence) : null, (string?)r[6],
        ((int)r[7]! & 1) != 0, ((int)r[7]! & 2) != 0, ((int)r[7]! & 4) != 0, (int)r[8]!, At(opened, r[9])!.Value,
        TimeSpan.FromMilliseconds((long)r[10]!));

    // Times are whole milliseconds in the log, so nothing is lost by keeping them as a distance.
    private static long? Since(DateTimeOffset opened, DateTimeOffset? at) => at is { } known ? (long)(known - opened).TotalMilliseconds : null;

    private static DateTimeOffset? At(DateTimeOffset opened, JsonNode? distance) => distance is null ? null : opened.AddMilliseconds((long)distance);

    private static string? Of(string? hex) => hex is null ? null : Base64Url.EncodeToString(Convert.FromHexString(hex));

    private static string? Hex(JsonNode? text) => text is null ? null : Convert.ToHexStringLower(Base64Url.DecodeFromChars((string)text!));
}
