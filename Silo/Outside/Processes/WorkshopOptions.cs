namespace Maestro.Outside.Processes;

/// <summary>Where and within which bounds changes are built.</summary>
/// <param name="Folder">Holds <c>work</c>, <c>drafts</c> and <c>images</c>; on one file system.</param>
/// <param name="Unsandboxed">An administrator trusts every change: commands run as the silo's user, with its files and network.</param>
/// <param name="Hidden">The data folder: never seen by a command, wherever it lies.</param>
internal sealed record WorkshopOptions(string Folder, bool Unsandboxed, string Hidden)
{
    /// <summary>The deadline in it is a ceiling; the manifest may only ask for less.</summary>
    public WorkLimits Limits { get; init; } = WorkLimits.Default;

    public ImageLimits Images { get; init; } = ImageLimits.Default;

    /// <summary>How many finished pieces of work are kept, with their output.</summary>
    public int Kept { get; init; } = 200;

    /// <summary>How often one effect may be started before it is given up.</summary>
    public int Starts { get; init; } = 10;
}
