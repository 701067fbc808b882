using System.Security.Cryptography;

namespace Maestro.Storage;

public sealed class SealedBytesTests
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SealedBytes.KeyLength);

    [Fact]
    public void Sealed_content_opens_with_its_key_in_its_place_only()
    {
        var content = SealedBytes.Seal(_key, "evidence"u8, "place"u8);
        Assert.Equal("evidence"u8.ToArray(), SealedBytes.Open(_key, content, "place"u8));
        Assert.ThrowsAny<CryptographicException>(() => SealedBytes.Open(_key, content, "another place"u8));
        Assert.ThrowsAny<CryptographicException>(() => SealedBytes.Open(new byte[32], content, "place"u8));
    }

    [Fact]
    public void Without_its_place_sealed_content_opens_anywhere()
    {
        var content = SealedBytes.Seal(_key, "evidence"u8, default);
        Assert.Equal("evidence"u8.ToArray(), SealedBytes.Open(_key, content, default));
    }

    [Fact]
    public void Two_documents_under_one_key_cannot_be_exchanged_and_without_their_places_they_could()
    {
        var (older, newer) = (SealedBytes.Seal(_key, "older"u8, "place of older"u8), SealedBytes.Seal(_key, "newer"u8, "place of newer"u8));
        Assert.Equal("newer"u8.ToArray(), SealedBytes.Open(_key, newer, "place of newer"u8));
        Assert.Throws<AuthenticationTagMismatchException>(() => SealedBytes.Open(_key, older, "place of newer"u8));

        var placeless = SealedBytes.Seal(_key, "older"u8, default);
        Assert.Equal("older"u8.ToArray(), SealedBytes.Open(_key, placeless, default));
    }

    [Fact]
    public void The_same_content_is_sealed_differently_each_time() =>
        Assert.NotEqual(SealedBytes.Seal(_key, "evidence"u8, default), SealedBytes.Seal(_key, "evidence"u8, default));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(28)]
    public void What_is_too_short_is_no_sealed_content(int length) =>
        Assert.ThrowsAny<CryptographicException>(() => SealedBytes.Open(_key, new byte[length], default));
}
