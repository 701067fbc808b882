using System.CommandLine;

namespace Maestro.Commands;

/// <summary>Where a silo keeps the newest checkpoint of the ledger.</summary>
internal static class CheckpointOption
{
    public static Option<string?> Create() => new("--checkpoints")
    {
        Description = "Keep the ledger's newest checkpoint in this folder, best on another machine's disk. Default: one in the data folder.",
        HelpName = "DIR",
    };
}
