using System.Collections.Immutable;
using Maestro.Evidence;

namespace Maestro.Agents.Review;

/// <summary>A change whose text has been decoded and cut into lines; what could not be read is counted.</summary>
/// <param name="Messages">The commit messages, hostile as all the rest.</param>
/// <param name="SensitivePaths">Changed paths that can change how the change itself is judged.</param>
/// <param name="Unread">What the gate itself found, one for each text it could not read whole.</param>
/// <param name="LinesRead">Changed lines that were read, on both sides.</param>
/// <param name="LinesUnread">Changed lines that were not; a file of unknown length counts as one.</param>
public sealed record ReadChange(
    ImmutableArray<ReadFile> Files, ImmutableArray<string> Messages, ImmutableArray<string> SensitivePaths,
    ImmutableArray<Finding> Unread, long LinesRead, long LinesUnread)
{
    /// <summary>Names and addresses of authors and committers, as hostile as the messages.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}

/// <summary>One changed file. The text is hostile: it is examined here and never shown.</summary>
/// <param name="Path">The path as git has it.</param>
/// <param name="Before">The path before a rename.</param>
/// <param name="Shown">The path made fit to be shown.</param>
/// <param name="New">The lines of the new side; empty where the file was deleted or could not be read.</param>
/// <param name="Old">The lines of the old side; empty where the file was added or could not be read.</param>
public sealed record ReadFile(
    string Path, string? Before, string Shown, Languages Language, ImmutableArray<SourceLine> New, ImmutableArray<SourceLine> Old)
{
    public bool IsTest { get; } = LanguageOfFile.IsTest(Path);

    public IEnumerable<SourceLine> Added => New.Where(line => line.Changed);

    public IEnumerable<SourceLine> Removed => Old.Where(line => line.Changed);

    /// <summary>A finding in this file.</summary>
    public Finding Find(string rule, Severity severity, int line, string message) => new(rule, severity, Shown, line, message);
}

/// <summary>One line as git counts them: ended by a line feed, from 1.</summary>
/// <param name="Text">The text without its end, at most <see cref="TextGate.LineLength"/> characters.</param>
/// <param name="Changed">The change adds it (new side) or takes it away (old side).</param>
public readonly record struct SourceLine(int Number, string Text, bool Changed);
