using System.Text;
using CsCheck;
using Maestro.Support;
using NSec.Cryptography;

namespace Maestro.Audit;

public sealed class SignedNoteTests
{
    private const string Text = "An example text.\nWith two lines.\n";

    [Fact]
    public void The_published_note_is_signed_by_the_published_key()
    {
        var folder = Fixtures.Folder("dsse");
        var text = File.ReadAllText(Path.Combine(folder, "signed-note.txt"));
        var line = File.ReadAllText(Path.Combine(folder, "signed-note.vkey.txt")).Trim();
        var (note, key) = (SignedNote.Read(text), NoteKey.Read(line));
        Assert.Equal("This is an example message.\n", note!.Text);
        Assert.Equal([key!], note.SignedBy([key!], Verify)!.Value);
        Assert.Equal(text, note.ToString());
        Assert.Equal(line, key!.ToString());
    }

    [Fact]
    public void Unknown_keys_mean_nothing_and_a_known_key_that_did_not_sign_refuses_the_note()
    {
        using var mine = Make("example.org/mine", out var known);
        using var other = Make("example.org/other", out var unknown);
        var note = new SignedNote(Text, [Sign(other, unknown, Text), Sign(mine, known, Text), Sign(mine, known, Text)]);
        Assert.Equal([known], note.SignedBy([known], Verify)!.Value);
        Assert.Empty((note with { Signatures = [Sign(other, unknown, Text)] }).SignedBy([known], Verify)!.Value);
        Assert.Null((note with { Signatures = [Sign(mine, known, "Another text.\n")] }).SignedBy([known], Verify));
        // Another key under a known key's name and id.
        var forged = Sign(other, unknown, Text) with { Name = known.Name, KeyId = known.Id };
        Assert.Null((note with { Signatures = [Sign(mine, known, Text), forged] }).SignedBy([known], Verify));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\u2014 name\n")]
    [InlineData("text\n\n\u2014 name AAAA\n")]
    [InlineData("text\n\n\u2014 name AAAAAAAA ")]
    [InlineData("text\n\n- name AAAAAAAAAAA=\n")]
    [InlineData("text\n\n\u2014 na+me AAAAAAAAAAA=\n")]
    [InlineData("text\n\n\u2014  AAAAAAAAAAA=\n")]
    [InlineData("text\n\n\u2014 name AAAAAAAAAAA= \n")]
    [InlineData("text\n\n\u2014 name AAAAAAAAAAA=\ntext\n")]
    [InlineData("te\txt\n\n\u2014 name AAAAAAAAAAA=\n")]
    [InlineData("text\r\n\n\u2014 name AAAAAAAAAAA=\n")]
    public void What_is_not_a_note_is_not_read(string text) => Assert.Null(SignedNote.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("example.com/foo")]
    [InlineData("example.com/foo+530d903a")]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("exam ple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U")]
    public void What_is_not_a_key_is_not_read(string text) => Assert.Null(NoteKey.Read(text));

    [Fact]
    public void No_text_makes_the_reader_fail() => Gen.OneOf(Gen.String, Gen.String.Select(text => $"{text}\n\n\u2014 {text} {text}\n")).Sample(text =>
    {
        _ = SignedNote.Read(text);
        _ = NoteKey.Read(text);
        _ = Checkpoint.Read(text);
        _ = TlogProof.Read(text);
    });

    [Fact]
    public void A_checkpoint_is_read_as_it_was_written()
    {
        var checkpoint = new Checkpoint("maestro.example/ledger", 42, [.. MerkleTree.EmptyRoot()]);
        var read = Checkpoint.Read(checkpoint.Text)!;
        Assert.Equal((checkpoint.Origin, checkpoint.Size), (read.Origin, read.Size));
        Assert.Equal(checkpoint.Root, read.Root);
        Assert.NotNull(Checkpoint.Read(checkpoint.Text + "an extension\n"));
        Assert.Null(Checkpoint.Read(checkpoint.Text.Replace("42", "042", StringComparison.Ordinal)));
        Assert.Null(Checkpoint.Read(checkpoint.Text.Replace("42", "-42", StringComparison.Ordinal)));
        Assert.Null(Checkpoint.Read(checkpoint.Text.TrimEnd('\n')));
        Assert.Null(Checkpoint.Read("\n42\n" + Convert.ToBase64String(MerkleTree.EmptyRoot()) + "\n"));
    }

    [Fact]
    public void A_proof_is_read_as_it_was_written_and_covers_its_entry_only()
    {
        byte[][] leaves = [.. Enumerable.Range(0, 5).Select(index => MerkleTree.LeafHash([(byte)index]))];
        var checkpoint = new Checkpoint("maestro.example/ledger", 5, [.. MerkleTree.RootOf([.. leaves.SelectMany(leaf => leaf)])]);
        using var key = Make("maestro.example/ledger", out var known);
        var path = MerklePath.OfInclusion(3, 5).Select(range => MerkleTree.RootOf([.. leaves[(int)range.From..(int)range.To].SelectMany(leaf => leaf)]));
        var proof = new TlogProof(3, [.. path], new(checkpoint.Text, [Sign(key, known, checkpoint.Text)]), []);
        var read = TlogProof.Read(proof.ToString())!;
        Assert.Equal(proof.ToString(), read.ToString());
        Assert.True(read.Covers(leaves[3]));
        Assert.False(read.Covers(leaves[2]));
        Assert.False((read with { Index = 2 }).Covers(leaves[3]));
        Assert.Equal([known], read.Checkpoint.SignedBy([known], Verify)!.Value);
        Assert.Null(TlogProof.Read(proof.ToString().Replace("index 3", "index 03", StringComparison.Ordinal)));
        var carrying = (proof with { Extra = [1, 2, 3] }).ToString();
        Assert.Contains("@v1\nextra AQID\nindex 3\n", carrying, StringComparison.Ordinal);
        Assert.Equal(carrying, TlogProof.Read(carrying)!.ToString());
        Assert.Null(TlogProof.Read(carrying.Replace("AQID", "AQI", StringComparison.Ordinal)));
        Assert.Null(TlogProof.Read(proof.ToString().Replace("@v1", "@v2", StringComparison.Ordinal)));
    }

    private static Key Make(string name, out NoteKey known)
    {
        var key = Key.Create(SignatureAlgorithm.Ed25519);
        known = new(name, NoteKeyKind.Ed25519, [.. key.PublicKey.Export(KeyBlobFormat.RawPublicKey)]);
        return key;
    }

    private static NoteSignature Sign(Key key, NoteKey known, string text) =>
        new(known.Name, known.Id, [.. SignatureAlgorithm.Ed25519.Sign(key, Encoding.UTF8.GetBytes(text))]);

    private static bool Verify(NoteKey key, byte[] text, byte[] signature) => SignatureAlgorithm.Ed25519.Verify(
        PublicKey.Import(SignatureAlgorithm.Ed25519, key.PublicKey.AsSpan(), KeyBlobFormat.RawPublicKey), text, signature);
}
