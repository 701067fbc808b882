using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>Signs statements and opens them again. Whatever does not open is refused with a code of <see cref="MessageRefusal"/>.</summary>
public static class Statements
{
    /// <summary>A statement signed by the role's key.</summary>
    /// <exception cref="OutsideException">This silo does not hold the role's key.</exception>
    public static Envelope Sign<T>(IKeyring keyring, Role role, string predicateType, ImmutableArray<Subject> subjects, T predicate) =>
        Sign(message => keyring.Sign(role, message), Principal.OfRole(role), predicateType, subjects, predicate);

    /// <summary>A statement signed by a person's key.</summary>
    public static Envelope SignAsPerson<T>(
        Signer personKey, string person, string predicateType, ImmutableArray<Subject> subjects, T predicate) =>
        Sign(personKey, person, predicateType, subjects, predicate);

    /// <summary>The statement, if the key of <paramref name="role"/> signed it and it is of the expected type.</summary>
    /// <param name="payloadType">The type of the envelope's payload, by the reader's knowledge.</param>
    /// <exception cref="RefusedException">With a code of <see cref="MessageRefusal"/>.</exception>
    public static OpenedStatement<T> Open<T>(
        IKeyring keyring, Role role, Envelope envelope, string predicateType, string payloadType = StatementTypes.Payload)
    {
        RegisteredKey? signer = null;
        var payload = Dsse.Open(
            envelope, payloadType, (message, signature) => (signer = keyring.SignerOf(role, message, signature)) is not null);
        var statement = Read<T>(payload, predicateType);
        return SignsAt(signer!, statement.Predicate) ? new(statement, Principal.OfRole(role), Digest.Of(payload)) : throw MessageRefusal.Signature(1, 0);
    }

    /// <summary>The statement, if the person whom <paramref name="person"/> finds in it signed it with the enrolled key.</summary>
    /// <exception cref="RefusedException">With a code of <see cref="MessageRefusal"/>.</exception>
    public static OpenedStatement<T> OpenFromPerson<T>(IKeyring keyring, Envelope envelope, string predicateType, Func<T, string> person)
    {
        var claimed = person(Read<T>(Dsse.Payload(envelope, StatementTypes.Payload), predicateType).Predicate);
        var payload = Dsse.Open(
            envelope, StatementTypes.Payload, (message, signature) => keyring.VerifyPerson(claimed, message, signature));
        var statement = Read<T>(payload, predicateType);
        return person(statement.Predicate) == claimed ? new(statement, claimed, Digest.Of(payload)) : throw MessageRefusal.Signature(1, 0);
    }

    // An old key's word counts for what it says that it signed in its time.
    private static bool SignsAt<T>(RegisteredKey signer, T predicate) => predicate switch
    {
        IBoundMessage message => signer.SignsAt(message.Binding.IssuedAt),
        IDated dated => signer.SignsAt(dated.IssuedAt),
        _ => signer is { Until: null, RevokedSince: null },
    };

    private static Envelope Sign<T>(Signer sign, string keyId, string predicateType, ImmutableArray<Subject> subjects, T predicate)
    {
        var statement = new Statement<T>(subjects, predicateType, predicate);
        return Dsse.Sign(StatementTypes.Payload, JsonSerializer.SerializeToUtf8Bytes(statement, StatementJson.Strict), keyId, sign);
    }

    private static Statement<T> Read<T>(byte[] payload, string predicateType)
    {
        var outer = StatementJson.Read<Statement<JsonElement>>(StatementJson.Document(payload));
        if (outer.Type != StatementTypes.Statement)
        {
            throw MessageRefusal.Type(StatementTypes.Statement, outer.Type);
        }
        if (outer.PredicateType != predicateType)
        {
            throw MessageRefusal.Type(predicateType, outer.PredicateType);
        }
        if (outer.Subject.IsDefaultOrEmpty || outer.Subject.Any(subject => subject?.Digest is not { Count: > 0 }))
        {
            throw MessageRefusal.Malformed("a statement about nothing");
        }
        return outer.Predicate.ValueKind is JsonValueKind.Object
            ? new(outer.Subject, outer.PredicateType, StatementJson.Read<T>(outer.Predicate))
            : throw MessageRefusal.Malformed("a statement without a predicate");
    }
}
