using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Manifests;

/// <summary>One section with the keys it may have; every other key is refused with the nearest one.</summary>
internal sealed class ManifestSection
{
    private readonly string _name;
    private readonly Position _at;
    private readonly Dictionary<string, ManifestNode> _values;

    /// <param name="name">What the section is called in messages, such as <c>build</c>.</param>
    /// <param name="at">Where the section's own key stands: what is missing is missing there.</param>
    /// <exception cref="RefusedException">The node is no section, or has a key that is not known.</exception>
    public ManifestSection(string name, ManifestNode node, Position at, params ImmutableArray<string> keys)
    {
        (_name, _at) = (name, at);
        var section = node as ManifestNode.Section
            ?? throw ManifestFaults.WrongType(node, name, $"a section with the keys {string.Join(", ", keys)}");
        foreach (var entry in section.Entries.Where(entry => !keys.Contains(entry.Key)))
        {
            throw Unknown(entry, keys);
        }
        _values = section.Entries.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
    }

    public ManifestNode? Optional(string key) => _values.GetValueOrDefault(key);

    /// <exception cref="RefusedException">The key is missing.</exception>
    public ManifestNode Required(string key) => Optional(key) ?? throw ManifestFaults.At(
        _at, "manifest.missing-key", $"'{key}' is missing in {_name}.", $"the key '{key}'", "none", "Add it in the base branch.");

    public ManifestNode.Text RequiredText(string key) => AsText(key, Required(key));

    public ManifestNode.Text? OptionalText(string key) => Optional(key) is { } node ? AsText(key, node) : null;

    private static ManifestNode.Text AsText(string key, ManifestNode node) =>
        node as ManifestNode.Text ?? throw ManifestFaults.WrongType(node, key, "a single value");

    private static RefusedException Unknown(ManifestEntry entry, ImmutableArray<string> keys)
    {
        var shown = ManifestFaults.Shown(entry.Key);
        if (AdministratorKeys.WhyNot(entry.Key, keys) is { } why)
        {
            return ManifestFaults.At(
                entry.At, "manifest.unknown-key", $"'{shown}' is not a key here; {why}", string.Join(", ", keys), $"'{shown}'",
                "Remove it.");
        }
        var nearest = NearestKey.Of(entry.Key, keys);
        var hint = nearest is null ? $"the keys are {string.Join(", ", keys)}." : $"did you mean '{nearest}'?";
        return ManifestFaults.At(
            entry.At, "manifest.unknown-key", $"'{shown}' is not a key here; {hint}", string.Join(", ", keys), $"'{shown}'");
    }
}
