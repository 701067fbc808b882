using System.Buffers;
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
            if (Written(part) is { Length: <= MaxBytes } bytes)
            {
                return bytes;
            }
        }
        return [];
    }

    // Written straight to bytes: it is made anew for every entry, and a tree of nodes would cost more than all else of a step.
    private static byte[] Written(Progress progress)
    {
        var buffer = new ArrayBufferWriter<byte>(MaxBytes);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        json.WriteNumberValue(progress.Number);
        json.WriteStartArray();
        foreach (var attempt in progress.Attempts)
        {
            Write(json, attempt);
        }
        json.WriteEndArray();
        if (progress.Shortened)
        {
            json.WriteNumberValue(1);
        }
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
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

    private static void Write(Utf8JsonWriter json, AttemptProgress a)
    {
        json.WriteStartArray();
        json.WriteNumberValue(a.Attempt);
        json.WriteNumberValue(a.TableVersion);
        json.WriteNumberValue(a.OpenedAt.UtcTicks);
        WriteHex(json, a.Head);
        WriteHex(json, a.Base);
        WriteHex(json, a.MergeTree);
        WriteHex(json, a.Evidence.Hex);
        json.WriteStringValue(a.BackCode);
        WriteSince(json, a.OpenedAt, a.BackSince);
        json.WriteStringValue(a.Target);
        json.WriteBooleanValue(a.Reopened);
        json.WriteStringValue(a.Outcome?.ToString());
        json.WriteStringValue(a.ClosedCode);
        json.WriteStartArray();
        foreach (var row in a.Rows.Values.OrderBy(row => row.Order))
        {
            Write(json, a.OpenedAt, row);
        }
        json.WriteEndArray();
        json.WriteEndArray();
    }

    private static AttemptProgress Attempt(JsonArray a)
    {
        var opened = new DateTimeOffset((long)a[2]!, TimeSpan.Zero);
        return new(
            (int)a[0]!, (int)a[1]!, opened, Hex(a[3])!, Hex(a[4])!, Hex(a[5])!, Digest.Parse(Hex(a[6])!),
            a[13]!.AsArray().Select(row => Row(opened, row!.AsArray())).ToImmutableDictionary(row => row.Stage),
            (string?)a[7], At(opened, a[8]), (string?)a[9], (bool)a[10]!, a[11] is { } outcome ? Enum.Parse<Outcome>((string)outcome!) : null, (string?)a[12]);
    }

    private static void Write(Utf8JsonWriter json, DateTimeOffset opened, RowProgress r)
    {
        json.WriteStartArray();
        json.WriteStringValue(Enum.GetName(r.Stage));
        json.WriteNumberValue((int)r.State);
        json.WriteNumberValue(r.Try);
        json.WriteNumberValue(r.Order);
        WriteSince(json, opened, r.StartedAt);
        WriteHex(json, r.Evidence?.Hex);
        json.WriteStringValue(r.Code);
        json.WriteNumberValue((r.Quiet ? 1 : 0) | (r.Undone ? 2 : 0) | (r.Restored ? 4 : 0));
        json.WriteNumberValue(r.FailedUndos);
        WriteSince(json, opened, r.ChangedAt);
        json.WriteNumberValue((long)r.Within.TotalMilliseconds);
        json.WriteEndArray();
    }

    private static RowProgress Row(DateTimeOffset opened, JsonArray r) => new(
        Enum.Parse<Stage>((string)r[0]!), (RowState)(int)r[1]!, (int)r[2]!, (int)r[3]!, At(opened, r[4])!.Value,
        Hex(r[5]) is { } evidence ? Digest.Parse(evidence) : null, (string?)r[6],
        ((int)r[7]! & 1) != 0, ((int)r[7]! & 2) != 0, ((int)r[7]! & 4) != 0, (int)r[8]!, At(opened, r[9])!.Value,
        TimeSpan.FromMilliseconds((long)r[10]!));

    // Times are whole milliseconds in the log, so nothing is lost by keeping them as a distance.
    private static void WriteSince(Utf8JsonWriter json, DateTimeOffset opened, DateTimeOffset? at)
    {
        if (at is { } known)
        {
            json.WriteNumberValue((long)(known - opened).TotalMilliseconds);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static DateTimeOffset? At(DateTimeOffset opened, JsonNode? distance) => distance is null ? null : opened.AddMilliseconds((long)distance);

    private static void WriteHex(Utf8JsonWriter json, string? hex)
    {
        if (hex is null)
        {
            json.WriteNullValue();
            return;
        }
        // Digests and commits have at most 32 bytes; what has more is no snapshot that fits.
        Span<byte> bytes = stackalloc byte[hex.Length / 2];
        Span<byte> text = stackalloc byte[Base64Url.GetEncodedLength(bytes.Length)];
        Convert.FromHexString(hex, bytes, out _, out _);
        json.WriteStringValue(text[..Base64Url.EncodeToUtf8(bytes, text)]);
    }

    private static string? Hex(JsonNode? text) => text is null ? null : Convert.ToHexStringLower(Base64Url.DecodeFromChars((string)text!));
}
