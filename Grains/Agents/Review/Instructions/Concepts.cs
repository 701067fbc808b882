namespace Maestro.Agents.Review.Instructions;

/// <summary>What a word can mean in a sentence that tells a reviewer what to do.</summary>
[Flags]
internal enum Concepts
{
    None = 0,
    Override = 1 << 0,
    Forget = 1 << 1,
    Prior = 1 << 2,
    This = 1 << 3,
    Instruction = 1 << 4,
    Task = 1 << 5,
    New = 1 << 6,
    Act = 1 << 7,
    You = 1 << 8,
    Hidden = 1 << 9,
    Reveal = 1 << 10,
    Approve = 1 << 11,
    Machine = 1 << 12,
    Reader = 1 << 13,
    Not = 1 << 14,
    Report = 1 << 15,
    Safe = 1 << 16,
    Mark = 1 << 17,
    Change = 1 << 18,
    Must = 1 << 19,
    Review = 1 << 20,
    Only = 1 << 21,
    Respond = 1 << 22,
    If = 1 << 23,
    Address = 1 << 24,
    Authority = 1 << 25,
    Problem = 1 << 26,
    Already = 1 << 27,
    Modal = 1 << 28,
    As = 1 << 29,
    Unbound = 1 << 30,
}
