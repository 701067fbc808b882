using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// HMAC-SHA256 under a key that two silos agree on without a word: X25519 (RFC 7748) of the registered Ed25519 keys, then HKDF (RFC 5869) with both
/// public keys and the direction. Each role's key of each silo makes keys of its own, so a silo cannot speak for another one to a third.
/// </summary>
/// <remarks>A text is <c>~SENDER~RECEIVER=MAC~RECEIVER=MAC</c>, with ids of keys and base64url.</remarks>
internal sealed class CallSeals(FileKeyring keyring, TimeProvider time) : ICallSeals
{
    private const int MostReceivers = 32; // with which a call is about 2 KB longer
    private const int MostPairs = 4096;
    private const int MacText = 43; // 32 bytes in base64url

    private readonly ConcurrentDictionary<(string Sender, string Receiver), byte[]?> _pairs = new();

    public string? Seal(Role sender, Role receiver, ReadOnlySpan<byte> message, string? only = null)
    {
        var own = keyring.Own(sender);
        // Of too many the newest: an answer to a call without seals would be anybody's.
        var receivers = Now(receiver).Where(key => only is null || key.Id == only).Take(MostReceivers).ToList();
        if (receivers.Count == 0)
        {
            throw new OutsideException(new Reason("call.nobody", "A call is for a silo whose key is registered for the role.",
                $"a key of {Principal.OfRole(receiver)} that signs now", "none", $"Start a silo with the role {Principal.Name(receiver)}."));
        }
        var text = new StringBuilder("~").Append(RegisteredKey.IdOf(own.PublicKey));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var one in receivers)
        {
            if (Pair(own, own.PublicKey, one.PublicKey, one.PublicKey) is not { } key)
            {
                return null;
            }
            HMACSHA256.HashData(key, message, mac);
            text.Append('~').Append(one.Id).Append('=').Append(Base64Url.EncodeToString(mac));
        }
        return text.ToString();
    }

    public string? SenderOf(string seals, Role sender, Role receiver, ReadOnlySpan<byte> message)
    {
        var parts = seals.Split('~', MostReceivers + 3);
        if (parts is not ["", var id, _, ..] || parts.Length > MostReceivers + 2
            || Now(sender).FirstOrDefault(key => key.Id == id) is not { } known)
        {
            return null;
        }
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var own in keyring.OwnOf(receiver))
        {
            var entry = $"{RegisteredKey.IdOf(own.PublicKey)}=";
            foreach (var part in parts.AsSpan(2))
            {
                if (part.Length == entry.Length + MacText && part.StartsWith(entry, StringComparison.Ordinal)
                    && Base64Text.Decode(part[entry.Length..]) is { } found && Pair(own, known.PublicKey, own.PublicKey, known.PublicKey) is { } key)
                {
                    HMACSHA256.HashData(key, message, mac);
                    return CryptographicOperations.FixedTimeEquals(mac, found) ? id : null;
                }
            }
        }
        return null;
    }

    private IEnumerable<RegisteredKey> Now(Role role)
    {
        var now = time.GetUtcNow();
        return keyring.KeysOf(role).Where(key => key.SignsAt(now));
    }

    // Null where the two keys agree on nothing, which no key that a silo made does.
    private byte[]? Pair(KeyFile own, string sender, string receiver, string other)
    {
        if (_pairs.TryGetValue((sender, receiver), out var known))
        {
            return known;
        }
        if (_pairs.Count >= MostPairs)
        {
            _pairs.Clear();
        }
        return _pairs[(sender, receiver)] = own.Agree(other, Encoding.ASCII.GetBytes($"maestro.seal/v1\n{sender}\n{receiver}"));
    }
}
