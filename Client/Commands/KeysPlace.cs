using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>Where keys are: in a silo's data folder, or in a folder of the person who keeps the root key.</summary>
/// <param name="Keys">The folder with <c>registry.json</c>.</param>
/// <param name="Roster">The roster's file.</param>
internal sealed record KeysPlace(string Keys, string Roster)
{
    public static Option<string?> Option() => new("--keys")
    {
        Description = "The folder of the root key, where it is not a silo's data folder.",
        HelpName = "DIR",
    };

    public static KeysPlace Of(SharedOptions shared, ParseResult parsed, Option<string?> keys) => SharedOptions.GivenFolder(parsed, keys) is { } own
        ? new(own, Path.Combine(own, "roster.json"))
        : OfData(shared.Folder(parsed));

    public static KeysPlace OfData(string data) => new(Path.Combine(data, "keys"), EmbeddedIdentity.RosterPath(data));
}
