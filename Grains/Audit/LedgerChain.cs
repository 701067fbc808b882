using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Audit;

/// <summary>
/// How entries of the ledger are chained. An entry's hash is SHA-256, in lower-case hexadecimal, over its encoding: the entry's index as
/// 8 bytes, big-endian, then these texts, each as its length in bytes (4 bytes, big-endian) and its UTF-8: <c>maestro.ledger.1</c>, the
/// hash of the entry before, and the fact's key, time, kind, actor, subject and body. The time is UTC as
/// <c>2025-01-31T12:00:00.0000000Z</c>.
/// </summary>
public static class LedgerChain
{
    private const string Form = "maestro.ledger.1";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What the first entry names as the hash before it.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>The bytes that are hashed. Lengths before texts: no two facts have the same encoding.</summary>
    /// <exception cref="ArgumentException">A text is not valid Unicode.</exception>
    public static byte[] Encode(long index, string before, LedgerFact fact)
    {
        using var encoding = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, index);
        encoding.Write(number);
        string[] texts = [Form, before, fact.Key, TimeText(fact.At), fact.Kind, fact.Actor, fact.Subject, fact.Body];
        foreach (var text in texts)
        {
            var bytes = Strict.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
            encoding.Write(number[..4]);
            encoding.Write(bytes);
        }
        return encoding.ToArray();
    }

    /// <summary>Whether the fact can be encoded: all of its texts are valid Unicode.</summary>
    public static bool IsText(LedgerFact fact)
    {
        try
        {
            Encode(0, Genesis, fact);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public static string HashOf(long index, string before, LedgerFact fact) =>
        Convert.ToHexStringLower(SHA256.HashData(Encode(index, before, fact)));

    /// <summary>The facts in their places after <paramref name="last"/>; null where they are the first.</summary>
    public static ImmutableArray<LedgerEntry> Append(LedgerEntry? last, IEnumerable<LedgerFact> facts)
    {
        var entries = ImmutableArray.CreateBuilder<LedgerEntry>();
        foreach (var fact in facts)
        {
            var index = (last?.Index ?? -1) + 1;
            var before = last?.Hash ?? Genesis;
            last = new LedgerEntry(index, fact, before, HashOf(index, before, fact));
            entries.Add(last);
        }
        return entries.ToImmutable();
    }

    /// <summary>Recomputes the chain from <paramref name="after"/> on (null: from the beginning).</summary>
    /// <returns>Where the first difference is, as a sentence; null where there is none.</returns>
    public static string? Check(IEnumerable<LedgerEntry> entries, LedgerEntry? after = null) =>
        Check(entries, after, entry => HashOf(entry.Index, entry.Before, entry.Fact));

    /// <summary>The same with another way to come by an entry's hash.</summary>
    public static string? Check(IEnumerable<LedgerEntry> entries, LedgerEntry? after, Func<LedgerEntry, string> hash)
    {
        var last = after;
        foreach (var entry in entries)
        {
            if (Difference(last, entry, hash) is { } difference)
            {
                return difference;
            }
            last = entry;
        }
        return null;
    }

    private static string? Difference(LedgerEntry? last, LedgerEntry entry, Func<LedgerEntry, string> hash)
    {
        var expected = (last?.Index ?? -1) + 1;
        var place = string.Create(CultureInfo.InvariantCulture, $"Entry {expected} of the ledger");
        if (entry.Index != expected)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{place} is missing: entry {entry.Index} stands in its place.");
        }
        if (entry.Before != (last?.Hash ?? Genesis))
        {
            return $"{place} does not follow the entry before it: it names another hash.";
        }
        return entry.Hash == hash(entry) ? null : $"{place} was changed: its content does not have its hash.";
    }

    private static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
