using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro up</c>: runs a silo until it is stopped.</summary>
internal static class UpVerb
{
    public static Command Create(SharedOptions shared)
    {
        var silo = new SiloOptions();
        var command = new Command("up", "Run a silo on this machine until it is stopped.")
        {
            silo.Unsandboxed, silo.Quiet, silo.Database, silo.Checkpoints, silo.Root,
        };
        silo.AddGroupsTo(command);
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Up(shared.Setting, silo.Of(shared, parsed), cancellation));
        return command;
    }
}
