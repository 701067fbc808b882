using Maestro.Identity;

namespace Maestro.Outside;

/// <summary>The keys this silo may sign with, and the public keys of everybody else. Ed25519 throughout.</summary>
public interface IKeyring
{
    /// <summary>Signs with the role's own key.</summary>
    /// <exception cref="OutsideException">This silo does not hold the role's key.</exception>
    byte[] Sign(Role role, ReadOnlySpan<byte> message);

    /// <summary>The role's registered public key, 32 bytes.</summary>
    /// <exception cref="OutsideException">None is registered.</exception>
    byte[] PublicKeyOf(Role role);

    /// <summary>Whether the role's key made this signature over this message.</summary>
    bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Whether this person's enrolled key made this signature over this message; false for an unknown person.</summary>
    bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>Who is who, from the signed roster.</summary>
public interface IDirectory
{
    /// <summary>The person with this id; null where the roster has none.</summary>
    Person? Find(string id);

    /// <summary>The person whose commits carry this address; null where the roster has none.</summary>
    Person? FindByEmail(string email);
}
