using CsCheck;
using Maestro.Storage;

namespace Maestro.Audit;

public sealed class LedgerLeafTests
{
    private static LedgerEntry Entry => LedgerChain.Append(null, [Database.Fact("call/1"), Database.Fact("call/2") with { Body = "{\"é\":1}" }])[1];

    [Fact]
    public void A_leaf_reads_as_the_entry_that_it_was_made_of() => Assert.Equal(Entry, LedgerLeaf.Read(LedgerLeaf.Of(Entry)));

    [Fact]
    public void What_is_cut_off_or_longer_is_no_leaf()
    {
        var leaf = LedgerLeaf.Of(Entry);
        for (var length = 0; length < leaf.Length; length++)
        {
            Assert.Null(LedgerLeaf.Read(leaf.AsSpan(0, length)));
        }
        Assert.Null(LedgerLeaf.Read([.. leaf, 0]));
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception() => Gen.Byte.Array[0, 200].Sample(bytes => LedgerLeaf.Read(bytes) is null);

    [Fact]
    public void A_leaf_with_one_byte_changed_is_another_entry_or_none() => Gen.Select(Gen.Int[0, 10_000], Gen.Byte[1, 255]).Sample((place, change) =>
    {
        var leaf = LedgerLeaf.Of(Entry);
        leaf[place % leaf.Length] ^= change;
        return LedgerLeaf.Read(leaf) is not { } other || LedgerLeaf.Of(other).AsSpan().SequenceEqual(leaf);
    });
}
