using System.Collections.Immutable;
using System.Data.Common;
using Maestro.Audit;
using Maestro.Identity;
using Maestro.Inbox;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>A database of either kind with the release's schema, and what the tests do to it.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    public abstract ILedgerStore Ledger { get; }

    public abstract ITileStore Tiles { get; }

    public abstract ICheckpointStore Checkpoints { get; }

    public abstract ITrustStore Trust { get; }

    /// <summary>The statements that take away what keeps rows from being changed.</summary>
    public abstract string WithoutGuards { get; }

    /// <summary>The same for what is signed over the ledger.</summary>
    public abstract string WithoutSignatureGuards { get; }

    /// <summary>The database as the Orleans providers reach it.</summary>
    public abstract DbDataSource Connections { get; }

    public abstract string Invariant { get; }

    /// <summary>A path beside the database, for files of the test.</summary>
    public abstract string In(string name);

    /// <summary>A log over the database; the caller disposes it.</summary>
    public abstract IDeploymentLog OpenLog();

    public abstract IOutages OpenOutages();

    /// <summary>An inbox over the database; the caller disposes it.</summary>
    public abstract IInbox OpenInbox();

    /// <summary>The nonces of the database; the caller disposes them.</summary>
    public abstract INonceStore OpenNonces();

    /// <summary>Lets time pass for the outages.</summary>
    public abstract void Advance(TimeSpan time);

    /// <summary>Does to the rows what someone with access to the database can do.</summary>
    public abstract void Tamper(string sql);

    public async Task<ImmutableArray<LedgerEntry>> ChainOutboxAsync(CancellationToken cancellation)
    {
        var last = await Ledger.ReadLastAsync(cancellation);
        var entries = LedgerChain.Append(last, await Ledger.ReadOutboxAsync(1000, cancellation));
        Assert.True(await Ledger.AppendAsync(last?.Index ?? -1, entries, cancellation));
        return entries;
    }

    public abstract ValueTask DisposeAsync();
}
