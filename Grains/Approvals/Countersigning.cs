using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Approvals;

/// <summary>
/// What the gateway adds to a person's signed word: that it came in, when, and who brought it. It holds the word itself, so neither goes alone.
/// </summary>
/// <param name="Own">The person's own envelope, as it came.</param>
/// <param name="Person">Whose it is.</param>
/// <param name="Carrier">Who made the call that brought it.</param>
public sealed record Countersigned(Envelope Own, string Person, string Carrier, DateTimeOffset IssuedAt) : IDated
{
    public static string PredicateType { get; } = PredicateTypes.Of("countersigned");
}

/// <summary>
/// A person's word counts with two signatures: the person's own, and that of the gateway through which it came. The gateway cannot make one, because it
/// has no person's key; whoever has a person's key, or a control silo, cannot, because they have not the gateway's.
/// </summary>
public sealed class Countersigning(IKeyring keyring, IDirectory directory)
{
    /// <summary>The longest life of a person's word.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>The gateway's part: checks form, person and freshness, and signs that it came. It decides nothing.</summary>
    /// <exception cref="RefusedException">The form is wrong, the person's key did not sign it, or it is not fresh.</exception>
    public Envelope Add<T>(Envelope own, string predicateType, string carrier, DateTimeOffset now)
        where T : IPersonsWord
    {
        var word = OpenSigned<T>(own, predicateType);
        CheckCarrier(word.Person, carrier);
        return TimeFault(word, now) is { } fault ? throw new RefusedException(fault) : Receive(keyring, own, word.Person, carrier, now);
    }

    /// <summary>What the person said, if the person's enrolled key and the gateway's both signed.</summary>
    /// <exception cref="RefusedException">One of them did not, both are one key, or it came in before it was signed or after it had expired.</exception>
    public T Open<T>(Envelope envelope, string predicateType)
        where T : IPersonsWord
    {
        var received = Statements.Open<Countersigned>(keyring, Role.Gateway, envelope, Countersigned.PredicateType).Predicate;
        var word = OpenSigned<T>(received.Own, predicateType);
        if (received.Person != word.Person)
        {
            throw MessageRefusal.Binding("approval.countersigned", $"the word of {received.Person}", $"that of {word.Person}");
        }
        CheckCarrier(word.Person, received.Carrier);
        return TimeFault(word, received.IssuedAt) is { } fault ? throw new RefusedException(fault) : word;
    }

    // Whoever has somebody's key has not that person's session and second factor: the call that brings the word shows them.
    private static void CheckCarrier(string person, string carrier)
    {
        if (person != carrier)
        {
            throw MessageRefusal.Binding("approval.carrier", $"brought by {person}", $"brought by {new UntrustedText(carrier).Shown(64)}");
        }
    }

    /// <summary>Why the word is not fresh at this time; null where it is.</summary>
    public static Reason? TimeFault(IPersonsWord word, DateTimeOffset now) =>
        word.IssuedAt > now + Skew || word.Expires < now || word.Expires - word.IssuedAt > LongestLife
            ? new("approval.expired", "A decision counts for at most 15 minutes after it was signed.", $"a time around {now:O}",
                $"{word.IssuedAt:O} to {word.Expires:O}", "Decide again, and check this machine's clock.")
            : null;

    /// <summary>The gateway's signature alone, over whatever it is given.</summary>
    internal static Envelope Receive(IKeyring keyring, Envelope own, string person, string carrier, DateTimeOffset now) => Statements.Sign(
        keyring, Role.Gateway, Countersigned.PredicateType, [Subject.Of(person, Digest.Of(Dsse.ToBytes(own)))],
        new Countersigned(own, person, carrier, now));

    private T OpenSigned<T>(Envelope own, string predicateType)
        where T : IPersonsWord
    {
        var word = Statements.OpenFromPerson<T>(keyring, own, predicateType, said => said.Person).Predicate;
        // One key under two names would be a gateway that says yes by itself.
        return directory.Find(word.Person) is { } person && keyring.KeysOf(Role.Gateway).Any(key => key.PublicKey == person.PublicKey)
            ? throw MessageRefusal.Binding("approval.one-key", "two keys, one of the person and one of the gateway", "one key twice")
            : word;
    }
}
