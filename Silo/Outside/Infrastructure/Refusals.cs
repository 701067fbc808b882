using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>The reasons for which the local engine says no, or cannot say.</summary>
internal static class Refusals
{
    public static RefusedException Declaration(string file, long line, long column, string expected, string found) => new(new Reason(
        "infrastructure.declaration", "Infrastructure is declared in the form that the engine knows.", expected,
        $"{file}, line {line}, column {column}: {found}", "Correct the file and push."));

    public static RefusedException Declaration(string file, string expected, string found) => new(new Reason(
        "infrastructure.declaration", "Infrastructure is declared in the form that the engine knows.", expected, $"{file}: {found}",
        "Correct the file and push."));

    public static RefusedException Environment(EnvironmentKey environment) => new(new Reason(
        "infrastructure.environment", "Infrastructure belongs to the staging or production environment of a registered application.",
        "a name of small letters, digits and hyphens, and 'staging' or 'production'", Shown(environment.ToString()),
            "Use a registered name."));

    public static RefusedException Link(string path) => new(new Reason(
        "infrastructure.link", "Nothing is read or written through a link in a managed world.", "a plain file or directory",
        $"a link, a device or a wrong kind of thing at or on the way to '{Shown(path)}'", "Find out who put it there, and remove it."));

    public static RefusedException Unrecorded(string path) => new(new Reason(
        "infrastructure.unrecorded", "What Maestro did not make is never overwritten.", "nothing there yet",
        $"'{Shown(path)}', which is not recorded", "Move it away, or declare another path."));

    public static RefusedException FolderInTheWay(string path) => new(new Reason(
        "infrastructure.directory-in-the-way", "A file does not take the place of a directory.", "nothing there, or a file",
        $"the directory '{Shown(path)}'", "Declare another path, or remove the directory in a change of its own."));

    public static RefusedException StateMoved(string expected, string found) => new(new Reason(
        "infrastructure.state-moved", "A plan is applied only to the state it was made for.", expected, found,
            "Make and approve a new plan."));

    public static RefusedException PlanUsed(string effect) => new(new Reason(
        "infrastructure.plan-used", "A plan is applied by one effect only.", "an unused plan", $"it was used by '{Shown(effect)}'",
        "Make and approve a new plan."));

    public static RefusedException EffectOtherPlan() => new(new Reason(
        "infrastructure.effect-used", "An effect applies one plan only.", "the plan it began with", "another plan",
            "Open a new attempt."));

    public static RefusedException PlanMalformed(string found) => new(new Reason(
        "infrastructure.plan-malformed", "Only a plan of this engine is applied, byte for byte.", "canonical JSON of a plan", found,
        "Make and approve a new plan."));

    public static RefusedException TokenOld(long expected, long found) => new(new Reason(
        "infrastructure.token-old", "Who acts on an environment holds its newest lock.", $"token {expected} or higher", $"token {found}",
        "Nothing: another attempt has taken over."));

    public static RefusedException StateForeign(string file, string found) => new(new Reason(
        "infrastructure.state-foreign", "An environment's state is its own.", "the state of this environment", $"{found} in {file}",
        "Bring back the right file from a backup."));

    public static OutsideException StateDamaged(string file, string found) => new(new Reason(
        "infrastructure.state-damaged", "The state is read whole or not at all; it is never overwritten when it cannot be read.",
        "a state file as the engine wrote it", $"{found}: {file}", "Bring back the file from a backup."));

    public static OutsideException Disk(string what, Exception? inner = null) => new(
        new Reason("infrastructure.disk", "The engine needs its folder.", "a folder that it can read and write", what,
            "Look at the disk and its rights."),
        inner);

    public static OutsideException Locked(string file) => new(new Reason(
        "infrastructure.locked", "One apply at a time touches an environment.", "the lock within the time allowed", $"{file} is held",
        "It is tried again by itself."));

    /// <summary>Names come from a pull request and go to logs and pages.</summary>
    public static string Shown(string text) => new UntrustedText(text).Shown(120);
}
