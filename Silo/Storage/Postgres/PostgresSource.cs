using System.Collections.Immutable;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Maestro.Deployments;
using Maestro.Outside;
using Npgsql;

namespace Maestro.Storage.Postgres;

/// <summary>Connections to PostgreSQL, for Maestro's own tables and for the Orleans providers (invariant <see cref="Invariant"/>).</summary>
internal sealed class PostgresSource : IAsyncDisposable
{
    /// <summary>The name under which the Orleans providers know the driver.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>Ten silos fit into PostgreSQL's default of 100 connections, with room for a person's own.</summary>
    public const int PoolSize = 9;

    private const int Meetings = 3;

    /// <param name="text">As Npgsql reads it, such as <c>Host=db;Database=maestro;Username=maestro</c>; what it says goes before the defaults.</param>
    /// <exception cref="RefusedException"><c>database.text</c>: it cannot be read, or names no host.</exception>
    public PostgresSource(string text)
    {
        var settings = Parse(text);
        Shown = $"{settings.Host}:{settings.Port}/{settings.Database}";
        DataSource = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>Host, port and database: what may be shown of the text, which can hold a password.</summary>
    public string Shown { get; }

    /// <param name="work">One transaction; runs again where it met another one and was rolled back.</param>
    /// <exception cref="OutsideException">The database did not answer, or did not do it.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        for (var meeting = 0; ; meeting++)
        {
            try
            {
                await using var connection = await DataSource.OpenConnectionAsync(cancellation);
                return await work(connection);
            }
            catch (PostgresException failure) when (PostgresFailure.IsOfOrder(failure) && meeting < Meetings)
            {
            }
            catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
            {
                throw PostgresFailure.Of(failure, Shown);
            }
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "Texts are constants of the callers; what varies is a parameter.")]
    public Task<ImmutableArray<T>> SelectAsync<T>(
        string text, Func<DbDataReader, T> row, CancellationToken cancellation, params object?[] values) => RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(text, connection);
            command.Add(values);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = ImmutableArray.CreateBuilder<T>();
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(row(reader));
            }
            return rows.ToImmutable();
        },
        cancellation);

    /// <summary>Runs the statement and returns how many rows it changed.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Texts are constants of the callers; what varies is a parameter.")]
    public Task<int> ExecuteAsync(string text, CancellationToken cancellation, params object?[] values) => RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(text, connection);
            command.Add(values);
            return await command.ExecuteNonQueryAsync(cancellation);
        },
        cancellation);

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrWhiteSpace(given.Host))
            {
                throw Refused("no host");
            }
            return WithDefaults(given);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The failure may quote the text, and with it a password.
            throw Refused("a text that cannot be read");
        }
    }

    private static NpgsqlConnectionStringBuilder WithDefaults(NpgsqlConnectionStringBuilder given)
    {
        var defaults = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "maestro",
            MaxPoolSize = PoolSize,
            // A silo that is cut off must notice before its own promises run out.
            Timeout = 5,
            CommandTimeout = 10,
            KeepAlive = 5,
            // Orleans never prepares its statements; the driver does it from the second use on.
            MaxAutoPrepare = 30,
            AutoPrepareMinUsages = 2,
        };
        foreach (var (name, value) in given)
        {
            defaults[name] = value;
        }
        return defaults;
    }

    private static RefusedException Refused(string found) => new(new Reason(
        "database.text", "The database is named by an Npgsql connection string.", "Host=…;Database=…;Username=…", found, "Correct --database."));
}

/// <summary>Values as PostgreSQL's numbered parameters <c>$1</c>, <c>$2</c> and so on.</summary>
internal static class PostgresValues
{
    public static void Add(this NpgsqlCommand command, params object?[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }

    public static void AddColumn<T>(this NpgsqlParameterCollection parameters, T[] column) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = column });
}
