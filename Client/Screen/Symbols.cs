using Maestro.Deployments;

namespace Maestro.Screen;

/// <summary>The sign, the word and the tone of a state.</summary>
internal sealed record StateMark(char Sign, string Word, Tone Tone)
{
    public Span Span => new($"{Sign} {Word}", Tone);
}

/// <summary>One sign a state, the same on every page.</summary>
internal static class Symbols
{
    public static StateMark Of(StageView stage) => stage.Status switch
    {
        "proved" => new('✔', "proved", Tone.Good),
        "refused" => new('✖', "refused", Tone.Bad),
        "broke" => new('✖', "broke", Tone.Bad),
        "running" when WaitsForPeople(stage) => new('॥', "waiting", Tone.Waiting),
        "running" => new('◌', "running", Tone.Running),
        "undoing" => new('↺', "undoing", Tone.Undone),
        "undone" => new('↺', "undone", Tone.Undone),
        _ => new('•', stage.Status, Tone.Faint),
    };

    public static StateMark Of(DeploymentView view) => view.Outcome switch
    {
        Outcome.Finished => new('✔', "Finished", Tone.Good),
        Outcome.FinishedNotMerged => new('✔', "Finished, not merged", Tone.Good),
        Outcome.Refused => new('✖', "Refused", Tone.Bad),
        Outcome.Failed => new('✖', "Failed", Tone.Bad),
        Outcome.RolledBack => new('↺', "Rolled back", Tone.Undone),
        Outcome.Aborted => new('•', "Aborted", Tone.Faint),
        Outcome.Superseded => new('•', "Superseded", Tone.Faint),
        _ when view.Stages.Any(stage => stage.Status is "undoing") => new('↺', "Going back", Tone.Undone),
        _ when OnlyPeopleCanMove(view) => new('॥', "Waiting for people", Tone.Waiting),
        _ => new('◌', "Under way", Tone.Running),
    };

    /// <summary>The sign of a status that is only known as a word.</summary>
    public static StateMark OfWord(string status) => status.ToUpperInvariant() switch
    {
        "FINISHED" or "FINISHED-NOT-MERGED" => new('✔', status, Tone.Good),
        "REFUSED" or "FAILED" or "PARKED" => new('✖', status, Tone.Bad),
        "ROLLED-BACK" or "GOING-BACK" => new('↺', status, Tone.Undone),
        "ABORTED" or "SUPERSEDED" => new('•', status, Tone.Faint),
        var word when word.StartsWith("WAITING", StringComparison.Ordinal) => new('॥', status, Tone.Waiting),
        _ => new('◌', status, Tone.Running),
    };

    private static bool WaitsForPeople(StageView stage) => stage.Stage is Stage.AllowRun or Stage.StagingPlanReview or Stage.Approval;

    private static bool OnlyPeopleCanMove(DeploymentView view)
    {
        var running = view.Stages.Where(stage => stage.Status is "running").ToArray();
        return running.Length > 0 && running.All(WaitsForPeople);
    }
}
