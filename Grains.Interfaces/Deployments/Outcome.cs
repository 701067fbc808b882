namespace Maestro.Deployments;

/// <summary>How an attempt ended.</summary>
[GenerateSerializer, Alias("maestro.outcome")]
public enum Outcome
{
    /// <summary>Live in production, watched, and merged as the manifest says.</summary>
    Finished,

    /// <summary>Live and watched, but the merge failed; nothing is undone.</summary>
    FinishedNotMerged,

    /// <summary>The world said no before production was touched.</summary>
    Refused,

    /// <summary>It could not be found out within the tries, and production was not touched.</summary>
    Failed,

    /// <summary>Production was touched and serves the release before again.</summary>
    RolledBack,

    /// <summary>A person aborted it before production was touched.</summary>
    Aborted,

    /// <summary>A newer push took its place.</summary>
    Superseded,
}

/// <summary>What a person may order of a deployment.</summary>
[GenerateSerializer, Alias("maestro.command")]
public enum Command
{
    /// <summary>Stop, and undo what was started.</summary>
    Abort,

    /// <summary>Try again: a new attempt of a closed deployment, or the next undo of a parked one at once.</summary>
    Retry,

    /// <summary>Bring back the release before, or the one named as target.</summary>
    RollBack,
}
