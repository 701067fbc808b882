using System.Globalization;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Manifests;

/// <summary>Everything that can be wrong with a manifest, as a refusal that says where.</summary>
internal static class ManifestFaults
{
    /// <param name="what">The rest of the sentence after line and column.</param>
    public static RefusedException At(
        Position at, string code, string what, string expected, string found, string wayOut = "Correct it in the base branch.") =>
        new(new Reason(
            code, string.Create(CultureInfo.InvariantCulture, $"{Manifest.FileName} line {at.Line}, column {at.Column}: {what}"),
            expected, found, wayOut));

    public static RefusedException Whole(string code, string rule, string expected, string found) =>
        new(new Reason(code, rule, expected, found, "Correct it in the base branch."));

    public static RefusedException WrongType(ManifestNode node, string key, string expected) =>
        At(node.At, "manifest.wrong-type", $"'{key}' must be {expected}.", expected, node.Kind);

    public static RefusedException WrongValue(ManifestNode.Text text, string key, string expected) =>
        At(
            text.At, "manifest.wrong-value", $"'{key}' must be {expected}.", expected,
            text.IsNothing ? "nothing" : $"'{Shown(text.Value)}'");

    public static string Shown(string text) => new UntrustedText(text).Shown(40);
}
