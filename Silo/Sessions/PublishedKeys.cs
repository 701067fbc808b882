using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>The keys that an issuer signs with now.</summary>
internal interface IIssuerKeys
{
    /// <summary>What is known, asked anew where it is old; null where nothing that is fresh enough is to be had.</summary>
    ValueTask<PublishedKeys?> CurrentAsync();

    /// <summary>The same after somebody showed a key that is not among them: asked anew, unless that was done just now.</summary>
    ValueTask<PublishedKeys?> NewestAsync();
}

/// <summary>The keys of an issuer, as it published them.</summary>
/// <param name="Epoch">Another number for other keys.</param>
internal sealed record PublishedKeys(long Epoch, ImmutableArray<SecurityKey> Keys)
{
    private const int LeastRsaBits = 2048;

    /// <summary>Those of that name; one that a token does not name counts only where there is no other.</summary>
    public ImmutableArray<SecurityKey> Named(string? kid) => string.IsNullOrEmpty(kid)
        ? Keys.Select(key => key.KeyId).Distinct().Count() == 1 ? Keys : []
        : [.. Keys.Where(key => key.KeyId == kid)];

    /// <summary>What makes two sets of keys the same.</summary>
    public static string FingerprintOf(IEnumerable<SecurityKey> keys) => string.Join(
        '\n', keys.Select(key => $"{key.KeyId} {Base64UrlEncoder.Encode(key.ComputeJwkThumbprint())}").Order(StringComparer.Ordinal));

    /// <summary>Those that can verify something: public keys of which no half is shared with those who verify.</summary>
    public static ImmutableArray<SecurityKey> Usable(JsonWebKeySet set) =>
    [
        .. set.GetSigningKeys().Where(key => key switch
        {
            RsaSecurityKey => key.KeySize >= LeastRsaBits,
            ECDsaSecurityKey => true,
            JsonWebKey { Kty: "RSA" } => key.KeySize >= LeastRsaBits,
            JsonWebKey { Kty: "EC" } => true,
            _ => false,
        }),
    ];
}
