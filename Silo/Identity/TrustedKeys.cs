using System.Collections.Immutable;

namespace Maestro.Identity;

/// <summary>All keys that count: the registry's, and those that joined with a ticket of the root. The root's later word on a key wins.</summary>
/// <param name="Keys">Each key once.</param>
internal sealed record TrustedKeys(long Number, DateTimeOffset ExpiresAt, ImmutableArray<RegisteredKey> Keys)
{
    /// <summary>How long a key goes on signing after its successor came, so that nothing is lost while everybody learns of it.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    public static TrustedKeys Of(KeyRegistry registry, IEnumerable<(JoinTicket Ticket, ImmutableArray<RegisteredKey> Keys)> joined)
    {
        var believed = joined.Where(one => !registry.Tickets.Contains(one.Ticket.Id)).SelectMany(one => one.Keys);
        ImmutableArray<RegisteredKey> all = [.. registry.Keys.Concat(believed.OrderBy(key => key.From)).DistinctBy(key => key.PublicKey)];
        return new(registry.Number, registry.ExpiresAt, [.. all.Select(key => key with { Until = key.Until ?? EndOf(key, all) })]);
    }

    /// <summary>The role's keys, the newest first.</summary>
    public IEnumerable<RegisteredKey> Of(Role role) => Keys.Where(key => key.Role == role).OrderByDescending(key => key.From);

    /// <summary>The role's key that made this signature, of whatever time; null where none did.</summary>
    public RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        foreach (var key in Of(role))
        {
            if (KeyFile.Verify(key.PublicKey, message, signature))
            {
                return key;
            }
        }
        return null;
    }

    // A silo that joins again has lost its keys, or gives them up.
    private static DateTimeOffset? EndOf(RegisteredKey key, ImmutableArray<RegisteredKey> all) => key.Holder.Length == 0
        ? null
        : all.Where(other => other.Role == key.Role && other.Holder == key.Holder && other.From > key.From)
            .Select(other => (DateTimeOffset?)other.From + Overlap).Min();
}
