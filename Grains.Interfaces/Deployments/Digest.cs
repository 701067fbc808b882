using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Maestro.Deployments;

/// <summary>A SHA-256 digest as 64 lower-case hexadecimal digits. Its default value is no digest and is refused by <see cref="Parse"/>.</summary>
[GenerateSerializer, Immutable, Alias("maestro.digest"), JsonConverter(typeof(DigestJson))]
public readonly record struct Digest
{
    private Digest(string hex) => Hex = hex;

    [Id(0)] public string Hex { get; private init; }

    public static Digest Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <exception cref="FormatException">The text is not 64 lower-case hexadecimal digits.</exception>
    public static Digest Parse(string text) =>
        IsDigest(text) ? new(text) : throw new FormatException($"'{text}' is not a SHA-256 digest of 64 lower-case hexadecimal digits.");

    public static bool IsDigest(string? text) => text is { Length: 64 } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    /// <summary>The first twelve digits, for people to read; never for a decision.</summary>
    public string Abbreviated => Hex is { Length: 64 } ? Hex[..12] : "none";

    public override string ToString() => Hex ?? "";
}

/// <summary>Reads and writes a digest as its text.</summary>
public sealed class DigestJson : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && Digest.IsDigest(text) ? Digest.Parse(text) : throw new JsonException("A SHA-256 digest was expected.");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.Hex);
}
