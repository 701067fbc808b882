using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Maestro.Deployments;

namespace Maestro.Messages;

/// <summary>
/// An in-toto Statement v1. Any one matching subject is enough for a naive reader, so what must hold together is bound in the predicate.
/// </summary>
/// <param name="Subject">What the statement is about, at least one.</param>
/// <param name="PredicateType">One of <see cref="PredicateTypes"/>; the only field that says what the predicate is.</param>
public sealed record Statement<TPredicate>(ImmutableArray<Subject> Subject, string PredicateType, TPredicate Predicate)
{
    [JsonPropertyName("_type"), JsonRequired]
    public string Type { get; init; } = StatementTypes.Statement;
}

/// <summary>A predicate that says when it was signed, so that a key that was replaced since still speaks for its own time.</summary>
public interface IDated
{
    DateTimeOffset IssuedAt { get; }
}

/// <summary>Something named by its digests.</summary>
/// <param name="Digest">Algorithm to lower-case hexadecimal digest, such as <c>sha256</c> or <c>gitCommit</c>; at least one.</param>
/// <param name="Name">A hint for people; decides nothing.</param>
public sealed record Subject(ImmutableDictionary<string, string> Digest, string? Name = null)
{
    public static Subject Of(string name, Digest sha256) => new(ImmutableDictionary<string, string>.Empty.Add("sha256", sha256.Hex), name);

    /// <param name="commit">40 hexadecimal digits.</param>
    public static Subject OfCommit(string name, string commit) =>
        new(ImmutableDictionary<string, string>.Empty.Add("gitCommit", commit), name);
}

/// <summary>A statement whose signature was verified over the very bytes it was read from.</summary>
/// <param name="Signer"><c>role:</c> and the role, or a person's id.</param>
/// <param name="Payload">The digest of the signed bytes.</param>
public sealed record OpenedStatement<TPredicate>(Statement<TPredicate> Statement, string Signer, Digest Payload)
{
    public TPredicate Predicate => Statement.Predicate;
}

/// <summary>The fixed names around every statement.</summary>
public static class StatementTypes
{
    public const string Statement = "https://in-toto.io/Statement/v1";
    public const string Payload = "application/vnd.in-toto+json";
}

/// <summary>The names of the predicates.</summary>
public static class PredicateTypes
{
    public const string WorkOrder = "https://maestro.example/work-order/v1";
    public const string AgentAnswer = "https://maestro.example/agent-answer/v1";
    public const string Evidence = "https://maestro.example/evidence/v1";
    public const string Decision = "https://maestro.example/decision/v1";

    /// <summary>The name of a predicate that has none above.</summary>
    /// <param name="name">Lower-case letters, digits and dashes.</param>
    public static string Of(string name) => $"https://maestro.example/{name}/v1";
}
