using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Support;

namespace Maestro.Messages;

public sealed class DsseTests
{
    private const string Type = "text/plain";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes("a body that is ÿ>? long enough");

    [Fact]
    public void The_encoding_is_the_published_one() => Assert.Equal(
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
        Encoding.UTF8.GetString(Dsse.Pae("http://example.com/HelloWorld", Encoding.UTF8.GetBytes("hello world"))));

    [Fact]
    public void The_published_envelope_opens()
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Folder("dsse"), "dsse-vector.json")));
        var key = vector.RootElement.GetProperty("key");
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Hex(key, "x_hex"), Y = Hex(key, "y_hex") },
        });
        bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
            ecdsa.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var envelope = Dsse.FromBytes(Encoding.UTF8.GetBytes(vector.RootElement.GetProperty("envelope_text").GetString()!));
        Assert.Equal("hello world", Encoding.UTF8.GetString(Dsse.Open(envelope, "http://example.com/HelloWorld", Verify)));
        var urlSafe = envelope with { Signatures = [new("", envelope.Signatures[0].Sig.Replace('+', '-').Replace('/', '_'))] };
        Assert.Equal("hello world", Encoding.UTF8.GetString(Dsse.Open(urlSafe, "http://example.com/HelloWorld", Verify)));
    }

    [Fact]
    public void What_was_signed_is_what_is_handed_on()
    {
        var envelope = Dsse.Sign(Type, Body, "hint", Key("a").Sign);
        Assert.Equal(Body, Dsse.Open(envelope, Type, Key("a").Verify));
        Assert.Equal(Body, Dsse.Open(Dsse.FromBytes(Dsse.ToBytes(envelope)), Type, Key("a").Verify));
    }

    [Fact]
    public void Another_key_another_body_or_another_type_is_refused()
    {
        var envelope = Dsse.Sign(Type, Body, "hint", Key("a").Sign);
        Assert.Equal(MessageRefusal.SignatureCode, Open(envelope, Key("b").Verify));
        Assert.Equal(MessageRefusal.SignatureCode, Open(envelope with { Payload = Convert.ToBase64String([.. Body, 1]) }, Key("a").Verify));
        Assert.Equal(MessageRefusal.TypeCode, Open(envelope with { PayloadType = "text/html" }, Key("a").Verify));
        Assert.Null(Open(envelope with { Payload = Convert.ToBase64String([.. Body, 1]) }, (_, _) => true));
    }

    [Fact]
    public void The_key_id_decides_nothing()
    {
        var envelope = Dsse.Sign(Type, Body, "a", Key("b").Sign);
        Assert.Equal(MessageRefusal.SignatureCode, Open(envelope, Key("a").Verify));
        Assert.Null(Open(envelope, Key("b").Verify));
    }

    [Fact]
    public void Keys_are_counted_and_not_signatures()
    {
        ImmutableArray<AcceptedKey> keys = [new("a", Key("a").Verify), new("b", Key("b").Verify), new("a", Key("a").Verify)];
        var once = Dsse.Sign(Type, Body, "a", Key("a").Sign);
        var twice = once with { Signatures = [once.Signatures[0], once.Signatures[0] with { KeyId = "b" }] };
        var both = once with { Signatures = [.. once.Signatures, .. Dsse.Sign(Type, Body, "x", Key("b").Sign).Signatures] };
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => Dsse.Open(twice, Type, keys, 2)));
        Assert.Equal(Body, Dsse.Open(both, Type, keys, 2));
    }

    [Theory]
    [InlineData("QQ==", true)]
    [InlineData("QUI=", true)]
    [InlineData("-_8", true)]
    [InlineData("-_8=", true)]
    [InlineData("+/8=", true)]
    [InlineData("+_8=", false)]
    [InlineData("+/8", false)]
    [InlineData("QQ==\n", false)]
    [InlineData(" QQ==", false)]
    [InlineData("Q Q==", false)]
    [InlineData("QR==", false)]
    [InlineData("QQ==QQ==", false)]
    [InlineData("QQ=", false)]
    [InlineData("=", false)]
    [InlineData("Q", false)]
    [InlineData("ÄÄÄÄ", false)]
    public void Base64_has_one_spelling(string text, bool accepted) => Assert.Equal(accepted, Base64Text.Decode(text) is not null);

    [Fact]
    public void What_is_missing_or_too_large_is_refused_before_any_key_is_asked()
    {
        var good = Dsse.Sign(Type, Body, "a", Key("a").Sign);
        static bool Never(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => throw new InvalidOperationException("asked");
        Assert.Equal(MessageRefusal.MalformedCode, Open(good with { Signatures = [] }, Never));
        Assert.Equal(MessageRefusal.MalformedCode, Open(good with { Signatures = default }, Never));
        Assert.Equal(MessageRefusal.MalformedCode, Open(good with { Payload = null! }, Never));
        Assert.Equal(MessageRefusal.MalformedCode, Open(good with { Payload = "?" }, Never));
        Assert.Equal(MessageRefusal.TooLargeCode, Open(good with { Signatures = [.. Enumerable.Repeat(good.Signatures[0], 9)] }, Never));
        var large = good with { Payload = Convert.ToBase64String(new byte[Dsse.PayloadLimit + 1]) };
        Assert.Equal(MessageRefusal.TooLargeCode, Open(large, Never));
        Assert.Equal(MessageRefusal.TooLargeCode, Refused.By(() => Dsse.Sign(Type, new byte[Dsse.PayloadLimit + 1], "a", Key("a").Sign)));
        Assert.NotNull(Dsse.Sign(Type, new byte[Dsse.PayloadLimit], "a", Key("a").Sign));
        Assert.Equal(MessageRefusal.MalformedCode, Refused.By(() => Dsse.FromBytes("{\"payload\":\"\",\"payload\":\"\"}"u8)));
        Assert.Equal(MessageRefusal.MalformedCode, Refused.By(() => Dsse.FromBytes("[1"u8)));
    }

    private static string? Open(Envelope envelope, Verifier verify) => Refused.By(() => Dsse.Open(envelope, Type, verify));

    private static (Signer Sign, Verifier Verify) Key(string name) => (
        message => HMACSHA256.HashData(Encoding.UTF8.GetBytes(name), message),
        (message, signature) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(name), message).AsSpan().SequenceEqual(signature));

    private static byte[] Hex(JsonElement key, string name) => Convert.FromHexString(key.GetProperty(name).GetString()!);
}
