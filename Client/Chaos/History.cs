using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>What the targets and the database have recorded of a run.</summary>
/// <param name="Switches">What the edge was asked to do, in its own order.</param>
/// <param name="Builds">The folder of each run of a build: <c>…/work/DIGEST OF THE EFFECT/TOKEN/root/tree</c>.</param>
/// <param name="Merges">The trees of the merges into each application's base branch, newest first.</param>
/// <param name="Ledger">The chain in its order.</param>
/// <param name="Outbox">The keys of facts that still wait for a place in the chain.</param>
/// <param name="Acknowledged">Deliveries of webhooks that were answered as taken.</param>
/// <param name="Inbox">Deliveries that the inbox has.</param>
/// <param name="Results">How the changes ended while faults struck.</param>
/// <param name="Peace">How the same changes ended without faults.</param>
internal sealed record History(
    ImmutableArray<DeploymentHistory> Deployments, ImmutableArray<Edge.JournalLine> Switches, ImmutableArray<AppliedLine> Applied,
    ImmutableArray<string> Builds, ImmutableArray<MergeLine> Merges, ImmutableArray<LedgerEntry> Ledger, ImmutableArray<string> Outbox,
    ImmutableArray<string> Acknowledged, ImmutableArray<InboxLine> Inbox, ImmutableArray<DrillResult> Results, ImmutableArray<DrillResult> Peace);

/// <summary>One deployment's log and head as they are in the database.</summary>
internal sealed record DeploymentHistory(string Id, ImmutableArray<LogLine> Log, int HeadNumber, ReadOnlyMemory<byte> Snapshot)
{
    /// <summary>The application's name, from <c>pr/host/owner/application/number</c>.</summary>
    public string Application => Id.Split('/')[3];

    public IEnumerable<LogEntry> Entries => Log.Select(line => line.Entry);

    /// <summary>The attempt's entries, as lines that can be shown.</summary>
    public string Show(LogLine line) => FormattableString.Invariant($"{Id} {line.Number} {line.At:HH:mm:ss.fff} {line.Entry} by {line.Writer}");
}

/// <param name="Writer">The silo's address and the activation.</param>
internal sealed record LogLine(int Number, LogEntry Entry, string Writer, DateTimeOffset At);

/// <summary>One line of an environment's infrastructure journal.</summary>
internal sealed record AppliedLine(string Environment, Outside.Infrastructure.JournalLine Line);

internal sealed record MergeLine(string Application, string Tree);

/// <param name="Handed">How often it was handed to its deployment.</param>
internal sealed record InboxLine(string Delivery, int Handed);
