namespace Maestro.Deployments;

/// <summary>Codes that the process itself gives; stages and adapters have codes of their own.</summary>
public static class Codes
{
    /// <summary>A try had no answer within its time; somebody may still be working on it.</summary>
    public const string Deadline = "deadline";

    /// <summary>A stage confirmed that it stopped.</summary>
    public const string Stopped = "stopped";

    /// <summary>A stage did not confirm in time that it stopped; the fence at the target holds it off.</summary>
    public const string StopDeadline = "stop-deadline";

    public const string Superseded = "superseded";
    public const string Aborted = "aborted";

    /// <summary>The pull request was closed.</summary>
    public const string ChangeClosed = "change.closed";

    public const string RolledBackByCommand = "rolled-back-by-command";

    /// <summary>A row broke in every try it has.</summary>
    public const string OutOfTries = "out-of-tries";

    /// <summary>Everything was proved.</summary>
    public const string Done = "done";

    /// <summary>The branch with the change is gone.</summary>
    public const string HeadVanished = "change.head-vanished";

    /// <summary>The base branch moved since the attempt was opened; a new attempt follows.</summary>
    public const string BaseMoved = "change.base-moved";
}
