using System.Collections.Immutable;

namespace Maestro.Agents.Review.Instructions;

/// <summary>Words of certain meanings in a certain order, close together.</summary>
/// <param name="Name">Rules of one name count once.</param>
/// <param name="NotAfter">What the first word may not follow, because then it is told and not ordered.</param>
internal sealed record InstructionRule(string Name, int Weight, ImmutableArray<Step> Steps, Concepts NotAfter = Concepts.None)
{
    /// <summary>Strong enough on its own to reject.</summary>
    public const int Strong = 6;

    /// <summary>Enough to ask a person.</summary>
    public const int Weak = 3;

    public static ImmutableArray<InstructionRule> All { get; } =
    [
        new("override", Strong, [new(Concepts.Override | Concepts.Forget), new(Concepts.Prior, 4), new(Concepts.Instruction, 4)],
            Concepts.Modal),
        new("override", Strong, [new(Concepts.Override | Concepts.Forget), new(Concepts.You, 2), new(Concepts.Instruction, 4)]),
        new("override", 3, [new(Concepts.Override | Concepts.Forget), new(Concepts.Instruction, 3)], Concepts.Modal),
        new("override", Strong, [new(Concepts.Prior), new(Concepts.Instruction, 2), new(Concepts.Override | Concepts.Forget, 6)]),
        new("override-task", 3, [new(Concepts.Override | Concepts.Forget), new(Concepts.Prior, 3), new(Concepts.Task, 3)],
            Concepts.Modal),
        new("forget", 3, [new(Concepts.Forget), new(Concepts.Prior, 3)], Concepts.Modal),
        new("new-task", 3, [new(Concepts.You), new(Concepts.New, 3), new(Concepts.Instruction | Concepts.Task, 2)]),
        new("new-task", 2, [new(Concepts.New), new(Concepts.Instruction, 2)]),
        new("new-task", 1, [new(Concepts.New), new(Concepts.Task, 2)]),
        new("new-task", 4, [new(Concepts.You), new(Concepts.Instruction, 1), new(Concepts.As, 1), new(Concepts.New, 1)]),
        new("discard", 5, [new(Concepts.Discard), new(Concepts.You, 2), new(Concepts.Instruction, 2)], Concepts.Modal),
        new("prior-instruction", 2, [new(Concepts.Prior), new(Concepts.Instruction, 1)]),
        new("persona", 2, [new(Concepts.Act), new(Concepts.You | Concepts.As, 2)]),
        new("persona", 3, [new(Concepts.Act), new(Concepts.You, 3), new(Concepts.As, 2)]),
        new("persona", 2, [new(Concepts.You), new(Concepts.As, 1), new(Concepts.New, 1)]),
        new("persona", 3, [new(Concepts.You), new(Concepts.Act, 2), new(Concepts.As, 1)]),
        new("persona", 3, [new(Concepts.You), new(Concepts.As, 1), new(Concepts.Act, 4)]),
        new("persona", 2, [new(Concepts.New), new(Concepts.You | Concepts.As, 1), new(Concepts.As | Concepts.You, 1)]),
        new("reveal", 4, [new(Concepts.Reveal), new(Concepts.You | Concepts.Hidden | Concepts.Prior, 4), new(Concepts.Instruction, 4)]),
        new("approve", 3, [new(Concepts.Approve), new(Concepts.This, 1), new(Concepts.Change, 3)],
            Concepts.Modal | Concepts.Not | Concepts.As),
        new("approve", 3, [new(Concepts.Must), new(Concepts.Approve, 2)], Concepts.Modal | Concepts.Not),
        new("machine-must", 4, [new(Concepts.Machine | Concepts.Reader), new(Concepts.Must, 4), new(Concepts.Approve | Concepts.Override,
            3)]),
        new("machine-must", 4, [new(Concepts.Machine), new(Concepts.Approve | Concepts.Override, 2)]),
        new("addressed", 3, [new(Concepts.Address), new(Concepts.Machine, 3)], Concepts.Modal),
        new("addressed", 2, [new(Concepts.Address), new(Concepts.Reader, 2)]),
        new("addressed", 4, [new(Concepts.If), new(Concepts.You, 1), new(Concepts.As, 1), new(Concepts.Machine | Concepts.Reader, 4)]),
        new("addressed", 3, [new(Concepts.You), new(Concepts.As, 1), new(Concepts.Machine, 4)]),
        new("declared-safe", 4, [new(Concepts.Mark), new(Concepts.Change, 4), new(Concepts.As, 3), new(Concepts.Safe, 3)],
            Concepts.Modal),
        new("declared-safe", 4, [new(Concepts.Mark), new(Concepts.This, 1), new(Concepts.As, 3), new(Concepts.Safe, 3)], Concepts.Modal),
        new("silence", 4, [new(Concepts.Not), new(Concepts.Report, 2), new(Concepts.Problem, 5)], Concepts.Modal),
        new("silence", 3, [new(Concepts.Not), new(Concepts.Report, 1), new(Concepts.This, 1), new(Concepts.Change, 4)], Concepts.Modal),
        new("no-review", 2, [new(Concepts.Not), new(Concepts.Review, 3)]),
        new("no-review", 3, [new(Concepts.Override | Concepts.Discard), new(Concepts.This, 1), new(Concepts.Review, 3)], Concepts.Modal),
        new("borrowed-authority", 3, [new(Concepts.Already), new(Concepts.Authority, 5)]),
        new("only-say", 2, [new(Concepts.Respond), new(Concepts.Only, 3)]),
        new("only-say", 2, [new(Concepts.Only), new(Concepts.Respond, 2)]),
        new("secrecy", 2, [new(Concepts.Not), new(Concepts.Reveal, 2), new(Concepts.Task | Concepts.This, 3)]),
        new("unbound", 2, [new(Concepts.Unbound)]),
    ];
}

/// <param name="Within">How many words after the step before it.</param>
internal readonly record struct Step(Concepts Any, int Within = 0);
