using System.Collections.Immutable;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>The table of verbs and roles, as <c>maestro help roles</c> and <c>docs/roles.md</c> show it.</summary>
internal static class RolesPage
{
    public static IEnumerable<Line> Lines()
    {
        var rows = VerbNeeds.All;
        var indent = rows.Max(need => need.Verb.Length) + rows.Max(need => need.Short.Length) + 4;
        yield return Sentence("A comma is \"and\", a slash is \"or\". The roster says who has which role now; without a role a verb asks no silo.");
        yield return Sentence("\"second factor\": where people sign in with an outside issuer, and only there.");
        yield return Line.Empty;
        foreach (var line in Columns.Of(["VERB", "ROLE", "WHAT ELSE"], rows.Select(Row)))
        {
            yield return line with { Indent = indent };
        }
    }

    /// <summary>The rows of the table in Markdown.</summary>
    public static ImmutableArray<string> Markdown() =>
    [
        "| verb | role | what else |", "|---|---|---|",
        .. VerbNeeds.All.Select(need => $"| `{need.Verb}` | {need.Short} | {need.Beyond} |".Replace("|  |", "| |", StringComparison.Ordinal)),
    ];

    private static ImmutableArray<Span> Row(VerbNeed need) => [new(need.Verb, Tone.Strong), new(need.Short), new(need.Beyond, Tone.Faint)];

    private static Line Sentence(string text) => Line.Of(text) with { Indent = 0 };
}
