using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;
using NSec.Cryptography;

namespace Maestro.Identity;

/// <summary>One Ed25519 key in a file that only its owner may read. What is inside is never printed.</summary>
internal sealed class KeyFile : IDisposable
{
    private readonly Key _key;
    private readonly Key _agreement;

    private KeyFile(string owner, ReadOnlySpan<byte> seed)
    {
        Owner = owner;
        _key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        _agreement = MontgomeryForm.PrivateKey(seed);
        PublicKey = Convert.ToBase64String(_key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>Whose key it is: <c>root</c>, <c>role:</c> and the role, or a person's id.</summary>
    public string Owner { get; }

    /// <summary>32 bytes in base64.</summary>
    public string PublicKey { get; }

    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    /// <summary>The key with this seed of 32 bytes, which is in no file of its own.</summary>
    /// <exception cref="FormatException">That is no seed.</exception>
    public static KeyFile Of(string owner, ReadOnlySpan<byte> seed) => new(owner, seed);

    /// <summary>32 bytes that only the holders of this key and of the other one can compute; null where the other is no key to agree with.</summary>
    /// <param name="publicKey">The other's Ed25519 key in base64.</param>
    /// <param name="use">What the bytes are for: other uses get other bytes.</param>
    public byte[]? Agree(string publicKey, ReadOnlySpan<byte> use)
    {
        if (Base64Text.Decode(publicKey) is not { } other || MontgomeryForm.PublicKey(other) is not { } point)
        {
            return null;
        }
        using var secret = KeyAgreementAlgorithm.X25519.Agree(_agreement, point);
        return secret is null ? null : KeyDerivationAlgorithm.HkdfSha256.DeriveBytes(secret, [], use, 32);
    }

    /// <summary>Makes a new key and its file.</summary>
    /// <exception cref="OutsideException">There is a file of this name already, or it cannot be written.</exception>
    public static KeyFile Create(string path, string owner)
    {
        using var made = Key.Create(
            SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        var seed = made.Export(KeyBlobFormat.RawPrivateKey);
        try
        {
            var content = new Content(owner, Convert.ToBase64String(seed));
            PrivateFile.Create(path, JsonSerializer.SerializeToUtf8Bytes(content, StatementJson.Strict));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, "a new key file", exception.Message, exception);
        }
        return new KeyFile(owner, seed);
    }

    /// <exception cref="OutsideException">The file is missing, readable by others, somebody else's, or not a key.</exception>
    public static KeyFile Load(string path, string? owner = null)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            throw Problem(path, "a file that only its owner may read (chmod 600)", "a file that others may read");
        }
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path), StatementJson.Strict)
                ?? throw new JsonException("null");
            return content.Owner == owner || owner is null
                ? new KeyFile(content.Owner, Convert.FromBase64String(content.Seed))
                : throw Problem(path, $"the key of {owner}", "the key of somebody else");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            var found = exception is JsonException or FormatException ? "something else" : exception.Message;
            throw Problem(path, "an Ed25519 key file", found, exception);
        }
    }

    /// <summary>Whether a key given in base64 made this signature; false for anything that is not a key.</summary>
    public static bool Verify(string publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Base64Text.Decode(publicKey) is { } blob
        && NSec.Cryptography.PublicKey.TryImport(SignatureAlgorithm.Ed25519, blob, KeyBlobFormat.RawPublicKey, out var key)
        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);

    public void Dispose()
    {
        _key.Dispose();
        _agreement.Dispose();
    }

    private static OutsideException Problem(string path, string expected, string found, Exception? inner = null) => new(new Reason(
        "keys.file", $"A private key is read from {path}.", expected, found, "Restore the file from a copy, or enrol again."), inner);

    private sealed record Content(string Owner, string Seed);
}
