using System.Collections.Immutable;
using Maestro.Environments;

namespace Maestro.Deployments;

/// <summary>What the log comes to: the fold over its entries. It decides nothing and can always be made again from the log.</summary>
/// <param name="Number">The last entry's number; 0 for an empty log.</param>
/// <param name="Attempts">The attempts that are open, the newest one, and those whose release may be live or become live again, oldest first.</param>
/// <param name="Shortened">Older attempts that are closed were left out; the log still has them.</param>
public sealed record Progress(int Number, ImmutableArray<AttemptProgress> Attempts, bool Shortened = false)
{
    public static Progress Empty { get; } = new(0, []);

    /// <summary>The attempt that may move: the oldest that is not closed.</summary>
    public AttemptProgress? Active => Attempts.FirstOrDefault(attempt => !attempt.IsClosed);

    public AttemptProgress? Newest => Attempts.LastOrDefault();

    public static Progress Of(IEnumerable<LogEntry> log) => log.Aggregate(Empty, (progress, entry) => progress.With(entry));

    public AttemptProgress? Find(int attempt) => Attempts.FirstOrDefault(known => known.Attempt == attempt);

    public Progress With(LogEntry entry)
    {
        var attempts = entry is LogEntry.AttemptOpened opened
            ? Attempts.Add(AttemptProgress.Of(opened))
            : [.. Attempts.Select(attempt => attempt.Attempt == entry.Attempt ? attempt.With(entry) : attempt)];
        return new(Number + 1, [.. attempts.Where((attempt, index) => IsKept(attempts, attempt, index))], Shortened);
    }

    /// <summary>The same without its oldest closed attempt; null where every attempt is still needed to go on.</summary>
    public Progress? Shorten() => Attempts.FirstOrDefault(attempt => attempt.IsClosed && attempt != Newest) is { } oldest
        ? this with { Attempts = Attempts.Remove(oldest), Shortened = true }
        : null;

    // A rollback makes the release before live again, which may be one of this pull request too: as many are kept as an environment remembers.
    private static bool IsKept(ImmutableArray<AttemptProgress> attempts, AttemptProgress attempt, int index) =>
        !attempt.IsClosed || index == attempts.Length - 1
        || (IsFinished(attempt) && attempts[(index + 1)..].Count(IsFinished) <= EnvironmentHistory.Kept);

    private static bool IsFinished(AttemptProgress attempt) => attempt.Outcome is Outcome.Finished or Outcome.FinishedNotMerged;
}
