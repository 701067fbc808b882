using System.Collections.Frozen;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Messages;

/// <summary>The closed set of proofs, each by its name: <c>StagingPlanned</c> and so on.</summary>
public static class ProofKinds
{
    private static readonly FrozenDictionary<string, Type> ByName = typeof(Proof).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Proof)) && !type.IsAbstract)
        .ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool IsKnown(string name) => ByName.ContainsKey(name);

    public static string NameOf(Proof proof) => proof.GetType().Name;

    public static string NameOf<TProof>()
        where TProof : Proof => typeof(TProof).Name;

    public static JsonElement Write(Proof proof) => JsonSerializer.SerializeToElement(proof, proof.GetType(), StatementJson.Strict);

    /// <exception cref="RefusedException">The kind is unknown, or the JSON does not have its form.</exception>
    public static Proof Read(string kind, JsonElement json) => ByName.TryGetValue(kind, out var type)
        ? (Proof)StatementJson.Read(json, type)
        : throw MessageRefusal.Malformed("a proof of an unknown kind");
}
