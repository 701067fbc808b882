using System.Collections.Immutable;
using Maestro.Identity;

namespace Maestro.Rows;

/// <summary>The states that grains keep as rows, and the role whose key signs each.</summary>
internal static class StoredStates
{
    public static ImmutableSortedDictionary<string, Role> Signers { get; } = new Dictionary<string, Role>
    {
        ["applications"] = Role.Control,
        ["custody"] = Role.Custody,
        ["desk"] = Role.Desk,
        ["environment"] = Role.Control,
        ["question"] = Role.Desk,
        ["senders"] = Role.Control,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Nobody said who signs this state.</exception>
    public static RowName NameOf(string state, GrainId grain) => Signers.TryGetValue(state, out var role)
        ? new(role, state, grain.Key.ToString()!)
        : throw new InvalidOperationException($"The state '{state}' is in no table of who signs it.");
}
