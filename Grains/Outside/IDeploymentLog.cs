using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>The append-only log of all deployments with the head derived from it and the ledger's outbox, written in one statement.</summary>
public interface IDeploymentLog
{
    /// <summary>
    /// Appends entry <see cref="Append.Number"/> if the entry before it is the deployment's last, and writes head and outbox with it.
    /// </summary>
    /// <returns>False where another writer was first; the loser reads again. True is durable.</returns>
    Task<bool> AppendAsync(Append append, CancellationToken cancellation);

    /// <summary>The head; null where the deployment has no entry.</summary>
    Task<Head?> ReadHeadAsync(DeploymentId deployment, CancellationToken cancellation);

    /// <summary>Entries from a number on, in order, at most <paramref name="count"/>.</summary>
    Task<ImmutableArray<StoredEntry>> ReadAsync(DeploymentId deployment, int from, int count, CancellationToken cancellation);

    /// <summary>Moves the time at which the deployment is looked at next, unless its last number has moved on.</summary>
    Task SetDueAsync(DeploymentId deployment, int number, DateTimeOffset? due, CancellationToken cancellation);

    /// <summary>Makes every open deployment due now: what was said to a silo that died may have been lost.</summary>
    Task WakeAllAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Deployments that are due, longest overdue first.</summary>
    Task<ImmutableArray<DeploymentId>> ReadDueAsync(DateTimeOffset now, int count, CancellationToken cancellation);

    /// <summary>Heads in the order of their ids, from the one after <paramref name="after"/>; null begins with the first.</summary>
    Task<ImmutableArray<Head>> PageAsync(DeploymentId? after, int count, CancellationToken cancellation);

    /// <summary>The heads whose newest attempt was opened last, optionally of one application.</summary>
    Task<ImmutableArray<Head>> ListAsync(string? application, int count, CancellationToken cancellation);
}

/// <summary>One fenced append.</summary>
/// <param name="Number">The entry's number, from 1; the writer has seen all before it.</param>
/// <param name="Writer">Which activation wrote it, such as the silo's address and the activation's id.</param>
public sealed record Append(
    DeploymentId Deployment, int Number, LogEntry Entry, int TableVersion, string Writer, Head Head, ImmutableArray<LedgerFact> Outbox);

/// <summary>An entry as it is stored.</summary>
public sealed record StoredEntry(int Number, LogEntry Entry, int TableVersion, string Writer)
{
    private readonly Digest? _digest;

    /// <summary>Of the bytes that are stored, which a later release may write otherwise.</summary>
    public Digest Digest
    {
        get => _digest ?? LogJson.DigestOf(Entry);
        init => _digest = value;
    }
}

/// <summary>What the log comes to; derived, and rebuilt from the log where in doubt.</summary>
/// <param name="Snapshot">The folded progress as JSON, at most 1,900 bytes.</param>
/// <param name="Due">When somebody must look again; null where nothing is open.</param>
public sealed record Head(
    DeploymentId Deployment, string Application, int Attempt, int Number, int TableVersion, string Status, string? Stage,
    string HeadCommit, string BaseCommit, DateTimeOffset UpdatedAt, DateTimeOffset? Due, ReadOnlyMemory<byte> Snapshot);
