using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;

namespace Maestro.Messages;

/// <summary>Signs a message with one key.</summary>
public delegate byte[] Signer(ReadOnlySpan<byte> message);

/// <summary>Whether one key made this signature over this message.</summary>
public delegate bool Verifier(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

/// <summary>A key that a reader accepts.</summary>
/// <param name="PublicKey">The key itself in one canonical text: signatures are counted by it, never by <c>keyid</c>.</param>
public sealed record AcceptedKey(string PublicKey, Verifier Verify);

/// <summary>DSSE 1.0.2: signing and opening envelopes. The bytes that were verified are the bytes that are handed on.</summary>
public static class Dsse
{
    /// <summary>The most a payload may have, in bytes: 256 KiB.</summary>
    public const int PayloadLimit = 256 * 1024;

    /// <summary>The most signatures an envelope may carry.</summary>
    public const int SignatureLimit = 8;

    private const int FieldLimit = 1024;

    /// <summary>The pre-authentication encoding, which is what is signed.</summary>
    public static byte[] Pae(string payloadType, ReadOnlySpan<byte> payload)
    {
        var type = Encoding.UTF8.GetByteCount(payloadType);
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type} {payloadType} {payload.Length} "));
        return [.. head, .. payload];
    }

    /// <exception cref="RefusedException">The payload is larger than <see cref="PayloadLimit"/>.</exception>
    public static Envelope Sign(string payloadType, ReadOnlySpan<byte> payload, string keyId, Signer sign)
    {
        if (payload.Length > PayloadLimit)
        {
            throw MessageRefusal.TooLarge($"{payload.Length} bytes");
        }
        var signature = new EnvelopeSignature(keyId, Convert.ToBase64String(sign(Pae(payloadType, payload))));
        return new Envelope(Convert.ToBase64String(payload), payloadType, [signature]);
    }

    /// <summary>The payload, once one signature by the accepted key is found.</summary>
    /// <exception cref="RefusedException">With one of the codes of <see cref="MessageRefusal"/>.</exception>
    public static byte[] Open(Envelope envelope, string payloadType, Verifier verify) =>
        Open(envelope, payloadType, [new AcceptedKey("", verify)], 1);

    /// <summary>The payload, once <paramref name="threshold"/> different accepted keys are found to have signed.</summary>
    /// <exception cref="RefusedException">With one of the codes of <see cref="MessageRefusal"/>.</exception>
    public static byte[] Open(Envelope envelope, string payloadType, ImmutableArray<AcceptedKey> accepted, int threshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        var payload = Payload(envelope, payloadType);
        var message = Pae(payloadType, payload);
        var signatures = envelope.Signatures.Select(signature => Decoded(signature.Sig, FieldLimit, "a signature")).ToArray();
        var signers = accepted
            .Where(key => signatures.Any(signature => key.Verify(message, signature)))
            .Select(key => key.PublicKey).Distinct(StringComparer.Ordinal).Count();
        return signers >= threshold ? payload : throw MessageRefusal.Signature(threshold, signers);
    }

    /// <summary>The payload before any signature was looked at: only for finding out whose key to verify with.</summary>
    /// <exception cref="RefusedException">With one of the codes of <see cref="MessageRefusal"/>.</exception>
    internal static byte[] Payload(Envelope envelope, string payloadType)
    {
        if (envelope?.Payload is null || envelope.PayloadType is null || envelope.Signatures.IsDefaultOrEmpty
            || envelope.Signatures.Any(signature => signature?.Sig is null))
        {
            throw MessageRefusal.Malformed("an envelope without payload, type or signatures");
        }
        if (envelope.Signatures.Length > SignatureLimit)
        {
            throw MessageRefusal.TooLarge($"{envelope.Signatures.Length} signatures");
        }
        if (envelope.PayloadType != payloadType)
        {
            throw MessageRefusal.Type(payloadType, envelope.PayloadType);
        }
        return Decoded(envelope.Payload, PayloadLimit, "the payload");
    }

    /// <summary>The envelope as JSON, the form in which it is stored; the digest of these bytes names the evidence.</summary>
    public static byte[] ToBytes(Envelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope, StatementJson.Lenient);

    /// <exception cref="RefusedException">The bytes are not an envelope.</exception>
    public static Envelope FromBytes(ReadOnlySpan<byte> json)
    {
        if (json.Length > 2 * PayloadLimit)
        {
            throw MessageRefusal.TooLarge($"{json.Length} bytes");
        }
        try
        {
            return JsonSerializer.Deserialize<Envelope>(json, StatementJson.Lenient) ?? throw MessageRefusal.Malformed("null");
        }
        catch (JsonException)
        {
            throw MessageRefusal.Malformed("JSON that is not an envelope");
        }
    }

    private static byte[] Decoded(string text, int limit, string what)
    {
        if (text.Length > (limit + 2) / 3 * 4)
        {
            throw MessageRefusal.TooLarge($"{what} of {text.Length} characters");
        }
        var bytes = Base64Text.Decode(text) ?? throw MessageRefusal.Malformed($"{what} that is not strict base64");
        return bytes.Length <= limit ? bytes : throw MessageRefusal.TooLarge($"{what} of {bytes.Length} bytes");
    }
}
