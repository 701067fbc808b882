using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Outside;

/// <summary>The keys this silo may sign with, and the public keys of everybody else. Ed25519 throughout.</summary>
public interface IKeyring
{
    /// <summary>Signs with the role's own key.</summary>
    /// <exception cref="OutsideException">This silo does not hold the role's key.</exception>
    byte[] Sign(Role role, ReadOnlySpan<byte> message);

    /// <summary>The public key that the role signs with now, 32 bytes: this silo's own where it has the role.</summary>
    /// <exception cref="OutsideException">None is registered.</exception>
    byte[] PublicKeyOf(Role role);

    /// <summary>All of the role's keys that count, retired ones too, the newest first.</summary>
    ImmutableArray<RegisteredKey> KeysOf(Role role);

    /// <summary>
    /// The role's key that made this signature over this message, of whatever time; null where none did. What was signed says when, and
    /// counts if the key <see cref="RegisteredKey.SignsAt"/> that time.
    /// </summary>
    RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Whether a key that the role signs with now made this signature over this message.</summary>
    bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Whether this person's enrolled key made this signature over this message; false for an unknown person.</summary>
    bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>Who is who, and who stands for which team now. The signed roster says it; another directory may take standing away, and gives none.</summary>
public interface IDirectory
{
    /// <summary>The person with this id; null where the roster has none.</summary>
    Person? Find(string id);

    /// <summary>The person whose commits carry this address; null where the roster has none.</summary>
    Person? FindByEmail(string email);

    /// <summary>The person whose account elsewhere this is, such as <c>oidc:ISSUER#SUBJECT</c>; null where the roster has none.</summary>
    Person? FindByAccount(string account);

    /// <summary>All entries of the human being who has this id, that one first, see <see cref="LinkedAccounts"/>; empty where the roster has none.</summary>
    ImmutableArray<Person> AccountsOf(string id);

    /// <summary>Why this person does not stand for this team now; null where they do.</summary>
    Reason? StandingFault(Person person, string team) => person.Teams.Contains(team)
        ? null
        : new("approval.other-team", "Only a member of the application's team decides.", $"a member of {team}", person.Id, $"Ask somebody of {team}.");
}
