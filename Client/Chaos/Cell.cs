using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>When a silo is killed, seen from the log.</summary>
internal enum Moment
{
    /// <summary>The owner was about to write that the work begins; it is not in the log.</summary>
    BeforeAppend,

    /// <summary>It is in the log, and the owner never heard so.</summary>
    AfterAppend,

    /// <summary>The work is done and the world shows it; the log does not say so.</summary>
    AfterEffect,
}

/// <summary>One piece of work at one moment: what the drill's kills have to cover.</summary>
/// <param name="Work">A stage's name, or what is written around them, such as <c>undo Promote</c>.</param>
internal sealed record Cell(string Work, Moment Moment)
{
    private const string Opening = "opening";
    private const string Closing = "closing";

    /// <summary>All of them: every stage, the way back, opening and closing.</summary>
    public static ImmutableArray<Cell> All { get; } =
    [
        .. Enum.GetNames<Stage>().SelectMany(stage => Enum.GetValues<Moment>().Select(moment => new Cell(stage, moment))),
        .. Enum.GetValues<Moment>().Select(moment => new Cell(Undo(Stage.Promote), moment)),
        new(Undo(Stage.DeployStaging), Moment.AfterAppend), new(Undo(Stage.DeployStaging), Moment.AfterEffect),
        new(Opening, Moment.BeforeAppend), new(Opening, Moment.AfterAppend), new(Closing, Moment.BeforeAppend), new(Closing, Moment.AfterAppend),
    ];

    /// <summary>Where the entry has to be lost for this moment: before it is in the log, or its answer.</summary>
    public bool LosesEntry => Moment != Moment.AfterAppend;

    /// <summary>No entry follows, so nothing can be waited for.</summary>
    public bool IsLast => this is { Work: Closing, Moment: Moment.AfterAppend };

    /// <summary>The cells that are hit when a silo dies while it sends this entry.</summary>
    public static IEnumerable<Cell> Of(LogEntry entry) => entry switch
    {
        LogEntry.AttemptOpened => Around(Opening),
        LogEntry.Started started => Around(started.Stage.ToString()),
        LogEntry.Proved proved => [new(proved.Stage.ToString(), Moment.AfterEffect)],
        // An undo begins with what turns the attempt back: for production's that is the watch's refusal, for staging's the undo before it.
        LogEntry.Refused { Stage: Stage.Watch } => Around(Undo(Stage.Promote)),
        LogEntry.Undone { Stage: Stage.Promote } => [new(Undo(Stage.Promote), Moment.AfterEffect), new(Undo(Stage.DeployStaging), Moment.AfterAppend)],
        LogEntry.Undone undone => [new(Undo(undone.Stage), Moment.AfterEffect)],
        LogEntry.Closed => Around(Closing),
        _ => [],
    };

    public override string ToString() => $"{Work} {Moment}";

    private static string Undo(Stage stage) => $"undo {stage}";

    private static IEnumerable<Cell> Around(string work) => [new(work, Moment.BeforeAppend), new(work, Moment.AfterAppend)];
}
