using System.Data.Common;
using System.Globalization;
using System.Text;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Inbox;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>A SQLite database with the release's schema in a folder of its own, deleted with the test.</summary>
internal sealed class Database : TestDatabase, IDisposable
{
    private readonly Clock _clock = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-storage-");

    public Database(int patience = 5)
    {
        Source = new SqliteSource(In("maestro.db"), patience);
        new Schema(TimeProvider.System).Apply(Source);
    }

    public static DateTimeOffset Noon { get; } = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static Digest Evidence { get; } = Digest.Of("evidence"u8);

    public SqliteSource Source { get; }
    public override SqliteLedgerStore Ledger => new(Source, In(RememberedHead.FileName));
    public override ITileStore Tiles => new SqliteTileStore(Source);
    public override ICheckpointStore Checkpoints => new SqliteCheckpointStore(Source);
    public override ITrustStore Trust => new SqliteTrustStore(Source);
    public override DbDataSource Connections => Source;
    public override string Invariant => SqliteSource.Invariant;

    public override string WithoutGuards => "DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete; DROP TRIGGER ledger_in_order;"
        + "DROP TRIGGER deployment_log_no_update; DROP TRIGGER deployment_log_no_delete; DROP TRIGGER deployment_log_in_order;";

    public override string WithoutSignatureGuards => string.Concat(new[] { "tile", "checkpoint", "cosignature" }.Select(
        table => $"DROP TRIGGER ledger_{table}_no_update; DROP TRIGGER ledger_{table}_no_delete;"));

    public override IDeploymentLog OpenLog() => new SqliteDeploymentLog(Source);

    public override IInbox OpenInbox() => new SqliteInbox(Source);

    public override INonceStore OpenNonces() => new SqliteNonceStore(Source);

    public override IOutages OpenOutages() => new SqliteOutages(Source, _clock);

    public override void Advance(TimeSpan time) => _clock.Advance(time);

    public override string In(string name) => Path.Combine(_folder.FullName, name);

    public override void Tamper(string sql)
    {
        using var connection = new SqliteConnection(Source.ConnectionString);
        connection.Open();
        connection.Execute(sql);
    }

    public static DeploymentId Deployment(int number = 1) => DeploymentId.Of("local", "acme", "shop", number);

    public static Append Append(
        DeploymentId deployment, int number, string writer = "silo-1", LogEntry? entry = null, DateTimeOffset? due = null)
    {
        entry ??= new LogEntry.Proved(1, Noon.AddSeconds(number), "role:review", Stage.Review, number, Evidence);
        var head = new Head(deployment, "shop", 1, number, 1, "running", "Review", "abc123", "def456", entry.At, due, "{\"a\":1}"u8.ToArray());
        return new Append(deployment, number, entry, 1, writer, head, [Fact(deployment, number, entry)]);
    }

    public static LedgerFact Fact(DeploymentId deployment, int number, LogEntry entry) => new(
        LogJson.FactKey(deployment, number), entry.At, "deployment.proved", entry.Actor, deployment.ToString(),
        $"{{\"entry\":\"{LogJson.DigestOf(entry)}\"}}");

    public static LedgerFact Fact(string key) => new(key, Noon, "call.refused", "role:gateway", "pr/local/acme/shop/1", "{}");

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        Source.Dispose();
        // A connection that a test opened itself goes back to the library's pool, which removes its files in its own time.
        Assert.True(SpinWait.SpinUntil(TryDelete, TimeSpan.FromSeconds(10)), $"{_folder.FullName} is still written to.");
    }

    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private bool TryDelete()
    {
        try
        {
            _folder.Delete(recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
