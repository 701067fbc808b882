using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Maestro.Cluster;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Inbox;
using Maestro.Messages;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>A fresh PostgreSQL database with the release's schema.</summary>
internal sealed class PostgresDatabase : TestDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-storage-");

    private PostgresDatabase(string text, PostgresSource source) => (Text, Source) = (text, source);

    /// <summary>The connection string.</summary>
    public string Text { get; }

    public PostgresSource Source { get; }
    public override ILedgerStore Ledger => new PostgresLedgerStore(Source, In(RememberedHead.FileName));
    public override ITileStore Tiles => new PostgresTileStore(Source);
    public override ICheckpointStore Checkpoints => new PostgresCheckpointStore(Source);
    public override ITrustStore Trust => new PostgresTrustStore(Source);
    public override DbDataSource Connections => Source.DataSource;
    public override string Invariant => PostgresSource.Invariant;

    public override string WithoutGuards =>
        "DROP TRIGGER ledger_append_only ON ledger; DROP TRIGGER deployment_log_append_only ON deployment_log;";

    public override string WithoutSignatureGuards => string.Concat(new[] { "tile", "checkpoint", "cosignature" }.Select(
        table => $"DROP TRIGGER ledger_{table}_append_only ON ledger_{table};"));

    public static async Task<TestDatabase> CreateAsync() => await OwnAsync();

    public static async Task<PostgresDatabase> OwnAsync() => Of(await (await PostgresServer.CurrentAsync()).CreateAsync());

    [SuppressMessage("Reliability", "CA2000", Justification = "The database disposes it.")]
    public static PostgresDatabase Of(string text) => new(text, new PostgresSource(text));

    /// <summary>The connection string of a login for a silo of these roles.</summary>
    public async Task<string> LoginAsync(string roles) => await new DatabaseLogin($"login_{Guid.NewGuid():N}", SiloRoles.Parse(roles))
        .MakeAsync(Source, Text, TestContext.Current.CancellationToken);

    public override string In(string name) => Path.Combine(_folder.FullName, name);

    public override IDeploymentLog OpenLog() => new PostgresDeploymentLog(Source);

    public override IInbox OpenInbox() => new PostgresInbox(Source);

    public override INonceStore OpenNonces() => new PostgresNonceStore(Source);

    public override IOutages OpenOutages() => new PostgresOutages(Source);

    [SuppressMessage("Security", "CA2100", Justification = "The tests' own statements.")]
    public override void Tamper(string sql)
    {
        using var connection = new NpgsqlConnection($"{Text};Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    // The database has a clock of its own; what is stored goes back instead.
    public override void Advance(TimeSpan time) => Tamper(FormattableString.Invariant(
        $"""
        UPDATE signs_of_life SET at = to_char((at::timestamptz - interval '{time.TotalSeconds} seconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"')
        """));

    public override async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
