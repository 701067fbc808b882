using System.CommandLine;
using System.Globalization;
using Maestro.Connection;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary><c>maestro keys publish</c>: brings what an offline root signed to a silo, which brings it to all others.</summary>
internal static class KeysPublish
{
    public static Command Create(SharedOptions shared)
    {
        var from = new Option<string>("--keys") { Description = "The folder of the root key, or a copy of what it signed.", HelpName = "DIR", Required = true };
        var command = new Command("publish", "Bring what the root signed to the silo of a data folder, and so to its cluster.") { from };
        command.SetAction(parsed =>
        {
            var source = Path.GetFullPath(parsed.GetRequiredValue(from));
            var place = KeysPlace.OfData(shared.Folder(parsed));
            var root = KeyRegistry.RootOf(place.Keys);
            RootPin.Check(KeyRegistry.RootOf(source), root);
            var folder = new TrustFolder(place.Keys, place.Roster, root);
            var signed = new TrustFolder(source, Path.Combine(source, "roster.json"), root);
            var taken = 0;
            foreach (var (kind, number, content) in signed.Documents)
            {
                var (isNew, _) = folder.Take(new(0, kind, number, [.. content]), null);
                shared.Terminal(parsed).Say(
                    string.Create(CultureInfo.InvariantCulture, $"The {kind} number {number} {(isNew ? "is published" : "was known")}."));
                taken++;
            }
            return taken > 0 ? ExitCode.Done : throw new Deployments.RefusedException(new Deployments.Reason(
                "keys.publish", "What is published is signed by the silo's root.", $"registry.json or roster.json in {source}", "none that it signed",
                "Name the folder that 'maestro keys init' made."));
        });
        return command;
    }
}
