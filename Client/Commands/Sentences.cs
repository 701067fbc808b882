using System.CommandLine;
using System.CommandLine.Parsing;
using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>What went wrong, as one line for people.</summary>
internal static class Sentences
{
    /// <summary>The rule, what was expected, what was found, and the way out; parts without content are left out.</summary>
    public static string Of(Reason reason)
    {
        if (RefusedCalls.Of(reason) is { } refused)
        {
            return Shown.Text(refused);
        }
        string[] parts =
        [
            Sentence(reason.Rule),
            reason.Expected.Length > 0 ? Sentence($"Expected: {reason.Expected}") : "",
            reason.Found.Length > 0 ? Sentence($"Found: {reason.Found}") : "",
            Sentence(reason.WayOut),
        ];
        var said = string.Join(' ', parts.Where(part => part.Length > 0));
        return Shown.Text(said.Length > 0 ? said : $"Refused ({reason.Code}).");
    }

    /// <summary>What is wrong with a command line, with the nearest word that would be right.</summary>
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = $"See: maestro help{(command is RootCommand ? "" : $" {PathOf(parsed)}")}";
        if (Unknown(parsed) is { } unknown)
        {
            var kind = unknown.StartsWith('-') ? "an option" : command.Subcommands.Any(verb => !verb.Hidden) ? "a command" : "an argument it takes";
            var nearest = Nearest.To(unknown, Known(command, unknown.StartsWith('-'))) is { } word ? $" Did you mean '{word}'?" : "";
            return $"'{Shown.Text(unknown)}' is not {kind}.{nearest} {help}";
        }
        var missing = Missing(parsed);
        return missing.Length > 0
            ? $"{string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} missing. The call is: {CallOf(parsed)}"
            : Shown.Text($"{Sentence(OneLine(parsed.Errors[0].Message))} {help}");
    }

    // An option that does not exist is parsed as an argument where one is missing.
    private static string? Unknown(ParseResult parsed) =>
        parsed.CommandResult.Tokens.Select(token => token.Value).FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal))
        ?? (parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : null);

    private static string[] Missing(ParseResult parsed) =>
    [
        .. parsed.CommandResult.Command.Arguments.Where(IsRequired)
            .Where(argument => parsed.GetResult(argument) is not { Tokens.Count: > 0 }).Select(argument => argument.Name),
        .. parsed.CommandResult.Command.Options.Where(option => option.Required && parsed.GetResult(option) is not { Tokens.Count: > 0 })
            .Select(option => option.Name),
    ];

    private static bool IsRequired(Argument argument) => argument.Arity.MinimumNumberOfValues > 0 && !argument.HasDefaultValue;

    /// <summary>The shortest right call of the command that was meant.</summary>
    private static string CallOf(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] words =
        [
            "maestro", PathOf(parsed), .. command.Arguments.Where(IsRequired).Select(argument => argument.Name),
            .. command.Options.Where(option => option.Required).Select(option => $"{option.Name} {Quoted(option.HelpName ?? "VALUE")}"),
        ];
        return string.Join(' ', words);
    }

    // A text has spaces in it as a rule, so the example shows the quotes.
    private static string Quoted(string word) => word == "TEXT" ? $"\"{word}\"" : word;

    private static string OneLine(string text) => string.Join(' ', text.Split([' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Known(System.CommandLine.Command command, bool options) => options
        ? Verbs.OptionsOf(command).Where(option => !option.Hidden).Select(option => option.Name)
        : command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name);

    private static string PathOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var symbol = parsed.CommandResult; symbol?.Command is not RootCommand and not null; symbol = symbol.Parent as CommandResult)
        {
            names.Insert(0, symbol.Command.Name);
        }
        return string.Join(' ', names);
    }

    private static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '!' or '?' ? text : $"{text}.";
}
