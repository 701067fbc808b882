using System.CommandLine;
using System.CommandLine.Completions;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro help [VERB]</c>, and <c>maestro help roles</c> for who may use which.</summary>
internal static class HelpVerb
{
    private const string Roles = "roles";

    public static Command Create(RootCommand root, SharedOptions shared)
    {
        var verb = new Argument<string[]>("VERB")
        {
            Description = "The verb to explain, or roles: which verb needs which role.",
            HelpName = "VERB",
            Arity = ArgumentArity.ZeroOrMore,
        };
        verb.CompletionSources.Add(_ => root.Subcommands.Where(command => !command.Hidden).Select(command => new CompletionItem(command.Name))
            .Append(new CompletionItem(Roles)));
        var command = new Command("help", "Explain a verb.") { verb };
        command.SetAction((parsed, cancellation) =>
        {
            var asked = parsed.GetValue(verb) ?? [];
            if (asked is [Roles])
            {
                shared.Terminal(parsed).Write(RolesPage.Lines());
                return Task.FromResult(ExitCode.Done);
            }
            var found = asked.Aggregate((Command?)root, (at, name) => at?.Subcommands.FirstOrDefault(candidate => candidate.Name == name));
            if (found is null)
            {
                var near = Nearest.To(asked[0], root.Subcommands.Where(candidate => !candidate.Hidden).Select(candidate => candidate.Name));
                throw new SentenceException(
                    $"'{string.Join(' ', asked)}' is not a command.{(near is null ? "" : $" Did you mean '{near}'?")} See: maestro help", ExitCode.Usage);
            }
            return root.Parse([.. asked, "--help"]).InvokeAsync(parsed.InvocationConfiguration, cancellation);
        });
        return command;
    }
}
