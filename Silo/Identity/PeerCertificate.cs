using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// The certificate of one end of a connection: a P-256 key made for a day, and who vouches for it with an enrolled Ed25519 key. No authority
/// issues it; what it says counts for those signatures, as the registry and the roster of the moment see them.
/// </summary>
internal static class PeerCertificate
{
    /// <summary>How long a certificate is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    // A UUID's arc, which nobody else uses.
    private const string Vouchers = "2.25.104782442744895645122328200206163632262";
    private const int Largest = 16 * 1024;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>A fresh certificate.</summary>
    /// <param name="holders">Who connects: principals, each with their key.</param>
    public static X509Certificate2 Make(IEnumerable<(string Principal, Signer Sign)> holders, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, until) = (Seconds(now - Skew), Seconds(now + Life));
        var spki = key.ExportSubjectPublicKeyInfo();
        ImmutableArray<Voucher> vouchers =
            [.. holders.Select(holder => new Voucher(holder.Principal, Convert.ToBase64String(holder.Sign(Vouched(spki, until, holder.Principal)))))];
        var request = new CertificateRequest("CN=maestro", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(Vouchers, JsonSerializer.SerializeToUtf8Bytes(vouchers, StatementJson.Strict), critical: false));
        return request.CreateSelfSigned(from, until);
    }

    /// <summary>Who vouches for the certificate; nobody where a signature is wrong, or it is not good now.</summary>
    public static ImmutableArray<string> HoldersOf(X509Certificate2 certificate, IKeyring keyring, DateTimeOffset now)
    {
        var (from, until) = ((DateTimeOffset)certificate.NotBefore, (DateTimeOffset)certificate.NotAfter);
        return now + Skew < from || now > until || until - from > Life + (2 * Skew)
            ? []
            : [.. VouchersOf(certificate, keyring, key => key.SignsAt(now)).Select(voucher => voucher.Principal)];
    }

    /// <summary>Whether a key that vouched for it was revoked since. One that was merely replaced, or the certificate's own end, does not matter.</summary>
    public static bool IsDisowned(X509Certificate2 certificate, IKeyring keyring) =>
        VouchersOf(certificate, keyring, key => key.RevokedSince is null).IsEmpty;

    // All of them, or none where one is wrong.
    private static ImmutableArray<Voucher> VouchersOf(X509Certificate2 certificate, IKeyring keyring, Func<RegisteredKey, bool> counts)
    {
        if (certificate.Extensions[Vouchers]?.RawData is not { Length: > 0 and <= Largest } stated || Read(stated) is not { } vouchers)
        {
            return [];
        }
        var (spki, until) = (certificate.PublicKey.ExportSubjectPublicKeyInfo(), (DateTimeOffset)certificate.NotAfter);
        return vouchers.All(voucher => IsGenuine(voucher, Vouched(spki, until, voucher.Principal), keyring, counts)) ? vouchers : [];
    }

    private static bool IsGenuine(Voucher voucher, byte[] message, IKeyring keyring, Func<RegisteredKey, bool> counts) =>
        Base64Text.Decode(voucher.Signature) is { } signature
        && (Principal.RoleOf(voucher.Principal) is { } role
            ? keyring.SignerOf(role, message, signature) is { } signer && counts(signer)
            : Principal.IsPersonId(voucher.Principal) && keyring.VerifyPerson(voucher.Principal, message, signature));

    private static ImmutableArray<Voucher>? Read(byte[] stated)
    {
        try
        {
            return StatementJson.Read<ImmutableArray<Voucher>>(StatementJson.Document(stated));
        }
        catch (Deployments.RefusedException)
        {
            return null;
        }
    }

    private static byte[] Vouched(byte[] spki, DateTimeOffset until, string principal) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"maestro.peer/v1\n{Convert.ToHexStringLower(SHA256.HashData(spki))}\n{until.ToUnixTimeSeconds()}\n{principal}"));

    // Certificates have whole seconds.
    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}

/// <param name="Signature">In base64, over the certificate's public key and its end.</param>
internal sealed record Voucher(string Principal, string Signature);
