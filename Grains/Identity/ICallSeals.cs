namespace Maestro.Identity;

/// <summary>
/// Seals what two silos say to each other, with keys that only these two can compute: each could have made what the other did, so a seal convinces
/// nobody else. It costs a tenth of a signature.
/// </summary>
public interface ICallSeals
{
    /// <summary>
    /// Seals the message for every silo that has the receiving role, or for one of them only; of very many for those with the newest keys. Null where
    /// nothing is sealed: then it is signed.
    /// </summary>
    /// <param name="receiver">Whoever answers for this role.</param>
    /// <param name="only">The <see cref="RegisteredKey.Id"/> of the one key that it is for; null for all.</param>
    /// <exception cref="Outside.OutsideException">No silo has a key of the receiving role that counts now.</exception>
    string? Seal(Role sender, Role receiver, ReadOnlySpan<byte> message, string? only = null);

    /// <summary>The id of the sender's key, if a key of the sender's role sealed this message for one of this silo's keys of the receiving role.</summary>
    string? SenderOf(string seals, Role sender, Role receiver, ReadOnlySpan<byte> message);
}

/// <summary>Seals nothing and believes no seal, so that everything is signed.</summary>
public sealed class NoSeals : ICallSeals
{
    public string? Seal(Role sender, Role receiver, ReadOnlySpan<byte> message, string? only = null) => null;

    public string? SenderOf(string seals, Role sender, Role receiver, ReadOnlySpan<byte> message) => null;
}
