using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Public keys and people as the root signed them, for somebody who has nothing but the root's public key. It signs nothing.</summary>
internal sealed class RegisteredKeys : IKeyring, IDirectory
{
    private readonly TrustedKeys _keys;
    private readonly Roster _roster;

    private RegisteredKeys(TrustedKeys keys, Roster roster, string root) => (_keys, _roster, Origin) = (keys, roster, LedgerOrigin.Of(root));

    /// <summary>The ledger of this root.</summary>
    public LedgerOrigin Origin { get; }

    /// <param name="joinings">How silos joined.</param>
    /// <param name="roster">Null for nobody.</param>
    /// <param name="root">The root's public key in base64.</param>
    /// <exception cref="OutsideException">The root did not sign one of them.</exception>
    public static RegisteredKeys Open(byte[] registry, ImmutableArray<byte[]> joinings, byte[]? roster, string root) => new(
        TrustedKeys.Of(KeyRegistry.Of(registry, root), joinings.Select(joining => Joining.Of(joining).Open(root))),
        roster is null ? Roster.Empty : Roster.Of(roster, root), root);

    public byte[] Sign(Role role, ReadOnlySpan<byte> message) => throw new NotSupportedException("Only public keys are known here.");

    public byte[] PublicKeyOf(Role role) => KeysOf(role) is [var key, ..] ? Convert.FromBase64String(key.PublicKey) : throw new OutsideException(new Reason(
        "keys.role", "Every role has a registered key.", $"the key of {Principal.OfRole(role)}", "none in the registry", "Export it again."));

    // Who looks back does not mind that the registry has expired since.
    public ImmutableArray<RegisteredKey> KeysOf(Role role) => [.. _keys.Of(role)];

    public RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _keys.SignerOf(role, message, signature);

    public bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        SignerOf(role, message, signature) is { RevokedSince: null };

    public bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Find(person) is { } found && KeyFile.Verify(found.PublicKey, message, signature);

    public Person? Find(string id) => _roster.Find(id);

    public Person? FindByEmail(string email) => _roster.FindByEmail(email);

    public Person? FindByAccount(string account) => _roster.FindByAccount(account);

    public ImmutableArray<Person> AccountsOf(string id) => _roster.AccountsOf(id);
}
