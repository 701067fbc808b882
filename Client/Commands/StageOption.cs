using System.CommandLine;
using System.CommandLine.Completions;
using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary>An option that takes a stage's name, and completes it in the shell.</summary>
internal static class StageOption
{
    public static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--stage") { Description = description, HelpName = "STAGE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Enum.GetNames<Stage>().Contains(token.Value, StringComparer.OrdinalIgnoreCase))
            {
                var near = Nearest.To(token.Value, Enum.GetNames<Stage>());
                result.AddError($"'{token.Value}' is not a stage.{(near is null ? "" : $" Did you mean '{near}'?")}");
            }
        });
        option.CompletionSources.Clear();
        option.CompletionSources.Add(context => Enum.GetNames<Stage>()
            .Where(name => name.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionItem(name)));
        return option;
    }

    public static Stage? Of(ParseResult parsed, Option<string?> option) =>
        Enum.TryParse<Stage>(parsed.GetValue(option), ignoreCase: true, out var stage) ? stage : null;
}
