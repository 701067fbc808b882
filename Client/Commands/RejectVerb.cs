using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro reject</c>: signs a no, which always says why.</summary>
internal static class RejectVerb
{
    public static Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var comment = new Option<string>("--comment") { Description = "Why; the author reads it.", HelpName = "TEXT", Required = true };
        var stage = StageOption.Create("Which question, where a deployment asks more than one.");
        var command = new Command("reject", "Look at what is asked, and reject it.") { id, comment, stage };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, silo =>
            new DecisionFlow(shared, shared.Terminal(parsed), shared.Folder(parsed)).DecideAsync(
                silo,
                // Saying why is the confirmation.
                new(parsed.GetRequiredValue(id), StageOption.Of(parsed, stage), Approved: false, parsed.GetRequiredValue(comment), Yes: true),
                cancellation), cancellation));
        return command;
    }
}
