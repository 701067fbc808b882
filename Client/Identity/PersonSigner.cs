using System.Collections.Immutable;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Messages;

namespace Maestro.Identity;

/// <summary>Signs decisions with the person's own key.</summary>
internal sealed class PersonSigner : IPersonSigner
{
    public string Person(string folder)
    {
        using var key = Key(folder);
        return key.Person;
    }

    public Envelope Sign(string folder, Decision decision)
    {
        using var key = Key(folder);
        return Sign(key, decision);
    }

    public Envelope Sign(string folder, GlassBreak word)
    {
        using var key = Key(folder);
        return Sign(key, word);
    }

    public static Envelope Sign(PersonKey key, GlassBreak word) =>
        key.Sign(GlassBreak.PredicateType, [Subject.OfCommit(word.Deployment, word.Head)], word);

    public static Envelope Sign(PersonKey key, Decision decision)
    {
        ImmutableArray<Subject> subjects = [Subject.OfCommit(decision.Deployment, decision.Head)];
        return key.Sign(PredicateTypes.Decision, subjects, decision);
    }

    private static PersonKey Key(string folder) => PersonKeys.Load(folder)
        ?? throw new SentenceException("A decision is signed with your own key, and there is none here. Make one with: maestro login NAME", ExitCode.Refused);
}
