using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro approve</c>: shows what is asked, and signs a yes with the person's own key.</summary>
internal static class ApproveVerb
{
    public static Command Create(SharedOptions shared)
    {
        var id = SharedOptions.Id();
        var yes = new Option<bool>("--yes") { Description = "Do not ask; for people who have looked already." };
        var comment = new Option<string?>("--comment") { Description = "A sentence for the ledger's readers.", HelpName = "TEXT" };
        var stage = StageOption.Create("Which question, where a deployment asks more than one.");
        var command = new Command("approve", "Look at what is asked, and approve it.") { id, yes, comment, stage };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, silo =>
            new DecisionFlow(shared, shared.Terminal(parsed), shared.Folder(parsed)).DecideAsync(
                silo,
                new(parsed.GetRequiredValue(id), StageOption.Of(parsed, stage), Approved: true, parsed.GetValue(comment), parsed.GetValue(yes)),
                cancellation), cancellation));
        return command;
    }
}
