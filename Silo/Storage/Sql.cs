using System.Collections.Immutable;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>Statements with their values as parameters. The text is always a constant of the calling class.</summary>
internal static class Sql
{
    /// <summary>Runs the statement and returns how many rows it changed.</summary>
    public static int Execute(this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    public static ImmutableArray<T> Select<T>(
        this SqliteConnection connection, string text, Func<SqliteDataReader, T> row,
        params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(connection, text, values);
        using var reader = command.ExecuteReader();
        var rows = ImmutableArray.CreateBuilder<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }
        return rows.ToImmutable();
    }

    /// <summary>The text of a column that may be null.</summary>
    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static byte[] Bytes(this DbDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    /// <summary>A transaction that takes the write lock at once, so that what it reads cannot be overtaken. False rolls it back.</summary>
    public static bool Immediately(this SqliteConnection connection, Func<bool> work)
    {
        connection.Execute("BEGIN IMMEDIATE");
        var ended = false;
        try
        {
            var done = work();
            connection.Execute(done ? "COMMIT" : "ROLLBACK");
            ended = true;
            return done;
        }
        finally
        {
            if (!ended)
            {
                Abandon(connection);
            }
        }
    }

    // Some failures have ended the transaction already; then this fails, and the one that matters is on its way up.
    private static void Abandon(SqliteConnection connection)
    {
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            connection.Close();
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "Texts are constants; what varies is a parameter.")]
    private static SqliteCommand Command(SqliteConnection connection, string text, ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }
}
