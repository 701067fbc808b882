using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Maestro.Audit;

/// <summary>An entry as a leaf of the ledger's tree: the same bytes that the chain hashes, see <see cref="LedgerChain"/>.</summary>
public static class LedgerLeaf
{
    private const int IndexSize = 8;
    private const int LengthSize = 4;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static byte[] Of(LedgerEntry entry) => LedgerChain.Encode(entry.Index, entry.Before, entry.Fact);

    public static byte[] HashOf(LedgerEntry entry) => MerkleTree.LeafHash(Of(entry));

    /// <summary>The entry in a leaf; null where the bytes are not exactly what an entry is encoded to.</summary>
    public static LedgerEntry? Read(ReadOnlySpan<byte> leaf)
    {
        if (leaf.Length < IndexSize || Texts(leaf[IndexSize..]) is not [_, var before, var key, var at, var kind, var actor, var subject, var body]
            || !DateTimeOffset.TryParseExact(at, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return null;
        }
        var index = BinaryPrimitives.ReadInt64BigEndian(leaf);
        var fact = new LedgerFact(key, time, kind, actor, subject, body);
        // What has another spelling is not what was hashed.
        return LedgerChain.IsText(fact) && leaf.SequenceEqual(LedgerChain.Encode(index, before, fact))
            ? new(index, fact, before, LedgerChain.HashOf(index, before, fact))
            : null;
    }

    private static List<string> Texts(ReadOnlySpan<byte> rest)
    {
        var texts = new List<string>();
        while (rest.Length >= LengthSize)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[LengthSize..];
            if (length < 0 || length > rest.Length)
            {
                return [];
            }
            texts.Add(Encoding.UTF8.GetString(rest[..length]));
            rest = rest[length..];
        }
        return rest.IsEmpty ? texts : [];
    }
}
