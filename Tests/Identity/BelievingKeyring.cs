using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The control replaced: signatures of everybody over everything.</summary>
internal sealed class BelievingKeyring : IKeyring
{
    public byte[] Sign(Role role, ReadOnlySpan<byte> message) => [];

    public byte[] PublicKeyOf(Role role) => [];

    public ImmutableArray<RegisteredKey> KeysOf(Role role) => [new(role, "")];

    public RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => new(role, "");

    public bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => true;

    public bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => true;
}
