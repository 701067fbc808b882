using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro demo</c>: a whole delivery on this machine.</summary>
internal static class DemoVerb
{
    public static Command Create(SharedOptions shared)
    {
        var command = new Command("demo", "Take an example pull request to production on this machine.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Demo(shared.Setting, parsed.UnmatchedTokens, cancellation));
        return command;
    }
}
