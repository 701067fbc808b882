using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Maestro.Chaos;
using Maestro.Connection;
using Npgsql;

namespace Maestro.Bench;

/// <summary>
/// PostgreSQL's own benchmark with a script that does as much as one step: one statement changes a state of 1.5 KB and inserts an event of 300
/// bytes with a hash.
/// </summary>
internal sealed partial class Pgbench(string database, string folder)
{
    private const string Tables =
        """
        CREATE TABLE bench_state (id int PRIMARY KEY, version int NOT NULL, state bytea NOT NULL) WITH (fillfactor = 70);
        CREATE TABLE bench_event (state_id int NOT NULL, seq bigint NOT NULL, kind int NOT NULL, payload bytea NOT NULL, hash bytea NOT NULL,
          PRIMARY KEY (state_id, seq));
        CREATE TABLE bench_hook (id text PRIMARY KEY, at timestamptz NOT NULL, body bytea NOT NULL);
        CREATE TABLE bench_payload (k int PRIMARY KEY, p bytea NOT NULL);
        CREATE SEQUENCE bench_seq;
        """;

    private const string States =
        "INSERT INTO bench_state SELECT id, 0, (SELECT substring(p from 1 for 1500) FROM bench_payload WHERE k = id % 64) FROM generate_series(1, 20000) AS id";

    private const string Step =
        """
        \set id random(1,20000)
        \set k random(0,63)
        WITH u AS (UPDATE bench_state SET version = version + 1, state = (SELECT substring(p from 1 for 1500) FROM bench_payload WHERE k = :k)
          WHERE id = :id RETURNING id)
        INSERT INTO bench_event (state_id, seq, kind, payload, hash)
        SELECT id, nextval('bench_seq'), 3, (SELECT substring(p from 1 for 300) FROM bench_payload WHERE k = :k),
          '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' FROM u;
        """;

    private const string Hook =
        """
        \set k random(0,63)
        INSERT INTO bench_hook SELECT gen_random_uuid()::text, now(), p FROM bench_payload WHERE k = :k;
        """;

    /// <summary>Makes the tables, 20,000 states in them.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await BenchPlace.ExecuteAsync(database, Tables, cancellation);
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(cancellation);
        await using var payload = new NpgsqlCommand(
            "INSERT INTO bench_payload SELECT k - 1, p FROM unnest($1::bytea[]) WITH ORDINALITY AS g (p, k)", connection);
        payload.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. Enumerable.Range(0, 64).Select(_ => RandomNumberGenerator.GetBytes(4096))] });
        await payload.ExecuteNonQueryAsync(cancellation);
        await BenchPlace.ExecuteAsync(database, States, cancellation);
        await File.WriteAllTextAsync(In("step.sql"), Step, cancellation);
        await File.WriteAllTextAsync(In("hook.sql"), Hook, cancellation);
    }

    public Task<double> StepsAsync(int clients, TimeSpan time, CancellationToken cancellation) => RunAsync("step.sql", clients, time, cancellation);

    /// <summary>One insert of 4 KB a transaction.</summary>
    public Task<double> HooksAsync(int clients, TimeSpan time, CancellationToken cancellation) => RunAsync("hook.sql", clients, time, cancellation);

    /// <returns>Transactions a second.</returns>
    private async Task<double> RunAsync(string script, int clients, TimeSpan time, CancellationToken cancellation)
    {
        await BenchPlace.ExecuteAsync(database, "CHECKPOINT", cancellation);
        var to = new NpgsqlConnectionStringBuilder(database);
        string[] arguments =
        [
            "-n", "-M", "prepared", "-f", In(script), "-c", Text(clients), "-j", Text(Math.Min(2, clients)), "-T", Text((int)Math.Ceiling(time.TotalSeconds)),
            "-h", to.Host!, "-p", Text(to.Port), "-U", to.Username!, to.Database!,
        ];
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(PrivatePostgres.Programs()!, "pgbench"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complained = process.StandardError.ReadToEndAsync(cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return Rate().Match(said) is { Success: true } rate && process.ExitCode == 0
            ? double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new SentenceException($"pgbench failed: {await complained}", ExitCode.Fault);
    }

    private string In(string name) => Path.Combine(folder, name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Rate();
}
