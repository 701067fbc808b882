using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro up</c>: runs a silo until it is stopped.</summary>
internal static class UpVerb
{
    public static Command Create(SharedOptions shared)
    {
        var unsandboxed = new Option<bool>("--unsandboxed") { Description = "Run builds and tests without a sandbox. They can then read what you can read." };
        var command = new Command("up", "Run a silo on this machine until it is stopped.") { unsandboxed };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Up(
            shared.Setting, new UpSettings(shared.Folder(parsed), parsed.GetValue(unsandboxed), parsed.UnmatchedTokens), cancellation));
        return command;
    }
}
