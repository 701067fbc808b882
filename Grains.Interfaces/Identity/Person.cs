using System.Collections.Immutable;

namespace Maestro.Identity;

/// <summary>A person in the roster.</summary>
/// <param name="Id">Lower-case name, unique in the roster.</param>
/// <param name="Emails">The addresses that stand for this person in commits; compared without regard to case.</param>
/// <param name="PublicKey">The person's enrolled Ed25519 key, 32 bytes in base64.</param>
/// <param name="Identity">Whose account this is, where one human being has several: all with the same identity are one person. Null means the id.</param>
/// <param name="Accounts">Accounts elsewhere that are this person, such as <c>oidc:ISSUER#SUBJECT</c> and <c>github:NAME</c>.</param>
[GenerateSerializer, Immutable, Alias("maestro.person")]
public sealed record Person(
    [property: Id(0)] string Id, [property: Id(1)] ImmutableArray<string> Emails, [property: Id(2)] ImmutableArray<Role> Roles,
    [property: Id(3)] ImmutableArray<string> Teams, [property: Id(4)] string PublicKey, [property: Id(5)] string? Identity,
    [property: Id(6)] ImmutableArray<string> Accounts);
