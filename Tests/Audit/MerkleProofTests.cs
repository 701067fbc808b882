using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CsCheck;
using Maestro.Support;

namespace Maestro.Audit;

public sealed class MerkleProofTests
{
    private static readonly JsonSerializerOptions Published = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Published_inclusion_proofs_are_judged_as_published() => AssertAll("inclusion", 98, text =>
    {
        var it = JsonSerializer.Deserialize<Inclusion>(text, Published)!;
        return (it.WantErr, MerkleProof.Includes(it.LeafIdx, it.TreeSize, it.LeafHash ?? [], [.. it.Proof ?? []], it.Root ?? []));
    });

    [Fact]
    public void Published_consistency_proofs_are_judged_as_published() => AssertAll("consistency", 98, text =>
    {
        var it = JsonSerializer.Deserialize<Consistency>(text, Published)!;
        return (it.WantErr, MerkleProof.Extends(it.Size1, it.Root1 ?? [], it.Size2, it.Root2 ?? [], [.. it.Proof ?? []]));
    });

    // The roots of RFC 6962's test tree of eight leaves, as its reference implementation publishes them.
    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void A_known_tree_has_its_known_root(int count, string root)
    {
        byte[][] leaves = [[], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
            [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57], [.. Enumerable.Range(0x60, 16).Select(value => (byte)value)]];
        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.RootOf([.. leaves.Take(count).SelectMany(leaf => MerkleTree.LeafHash(leaf))])));
    }

    [Fact]
    public void Every_entry_of_a_tree_can_be_proved_and_nothing_else() => Gen.Select(Gen.Int[1, 70], Gen.Int[0, 69], Gen.Int[0, 69])
        .Where((count, index, other) => index < count && other < count).Sample((count, index, other) =>
        {
            var (root, proof) = (RootOf(0, count), Proof(MerklePath.OfInclusion((ulong)index, (ulong)count)));
            Assert.True(MerkleProof.Includes((ulong)index, (ulong)count, Leaf(index), proof, root));
            Assert.Equal(index == other, MerkleProof.Includes((ulong)index, (ulong)count, Leaf(other), proof, root));
            Assert.Equal(index == other, MerkleProof.Includes((ulong)other, (ulong)count, Leaf(index), proof, root));
        });

    [Fact]
    public void Every_older_tree_can_be_proved_to_be_the_beginning_and_no_other_one() => Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[0, 69])
        .Where((old, count, changed) => old <= count && changed < old).Sample((old, count, changed) =>
        {
            var proof = Proof(MerklePath.OfConsistency((ulong)old, (ulong)count));
            Assert.True(MerkleProof.Extends((ulong)old, RootOf(0, old), (ulong)count, RootOf(0, count), proof));
            var leaves = Enumerable.Range(0, old).Select(index => index == changed ? Leaf(1000) : Leaf(index));
            Assert.False(MerkleProof.Extends((ulong)old, MerkleTree.RootOf([.. leaves.SelectMany(leaf => leaf)]), (ulong)count, RootOf(0, count), proof));
        });

    private static byte[] Leaf(int index) => MerkleTree.LeafHash(Encoding.UTF8.GetBytes($"entry {index}"));

    private static byte[] RootOf(int from, int to) => MerkleTree.RootOf([.. Enumerable.Range(from, to - from).SelectMany(Leaf)]);

    private static ImmutableArray<byte[]> Proof(ImmutableArray<LeafRange> path) => [.. path.Select(range => RootOf((int)range.From, (int)range.To))];

    private static void AssertAll(string kind, int count, Func<string, (bool WantErr, bool Accepted)> judge)
    {
        var files = Directory.GetFiles(Path.Combine(Fixtures.Folder("merkle"), kind), "*.json", SearchOption.AllDirectories);
        Assert.Equal(count, files.Length);
        Assert.All(files, file =>
        {
            var (wantErr, accepted) = judge(File.ReadAllText(file));
            Assert.Equal(!wantErr, accepted);
        });
    }

    private sealed record Inclusion(ulong LeafIdx, ulong TreeSize, byte[]? Root, byte[]? LeafHash, byte[][]? Proof, bool WantErr);

    private sealed record Consistency(ulong Size1, ulong Size2, byte[]? Root1, byte[]? Root2, byte[][]? Proof, bool WantErr);
}
