using System.Collections.Immutable;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>
/// One attempt as people see it: what the fold has of it, with what closing forgets and the reasons of what stopped, as far as the end of the
/// log says them. Reading it costs the same however long the log is.
/// </summary>
/// <param name="Details">The digest of the reason for each stage and code.</param>
public sealed record AttemptHistory(AttemptProgress Attempt, ImmutableDictionary<(Stage Stage, string Code), Digest> Details)
{
    /// <summary>How many entries from the end are read at most; an attempt that went well has about forty.</summary>
    public const int Tail = 512;

    public static async Task<AttemptHistory> ReadAsync(
        IDeploymentLog log, DeploymentId id, Progress progress, AttemptProgress shown, CancellationToken cancellation)
    {
        var from = Math.Max(1, progress.Number - Tail + 1);
        var details = ImmutableDictionary.CreateBuilder<(Stage Stage, string Code), Digest>();
        AttemptProgress? folded = null;
        await foreach (var stored in Journal.ReadFromAsync(log, id, from, cancellation))
        {
            // What another writer has appended since is not in the fold, and is seen at the next look.
            if (stored.Number > progress.Number)
            {
                break;
            }
            if (stored.Entry.Attempt == shown.Attempt)
            {
                folded = Fold(folded, stored.Entry);
                Note(stored.Entry, details);
            }
        }
        return new(folded ?? shown, details.ToImmutable());
    }

    // Without its beginning an attempt is not folded: then the progress knows it better.
    private static AttemptProgress? Fold(AttemptProgress? attempt, LogEntry entry) => (attempt, entry) switch
    {
        (_, LogEntry.AttemptOpened opened) => AttemptProgress.Of(opened),
        (null, _) => null,
        (_, LogEntry.Closed closed) => attempt with { Outcome = closed.Outcome, ClosedCode = closed.Code },
        _ => attempt.With(entry),
    };

    // What stopped a row stays its reason, also after the row was taken back.
    private static void Note(LogEntry entry, ImmutableDictionary<(Stage Stage, string Code), Digest>.Builder details)
    {
        if (entry is LogEntry.Refused { Detail: { } why } refused)
        {
            details[(refused.Stage, refused.Code)] = why;
        }
        else if (entry is LogEntry.Broke { Detail: { } cause } broke)
        {
            details[(broke.Stage, broke.Code)] = cause;
        }
    }
}
