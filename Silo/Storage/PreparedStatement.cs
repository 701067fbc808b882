using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>A statement that is compiled once and run many times on one connection.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <param name="parameters">The names of the values, in the order in which <see cref="Run"/> gets them.</param>
    [SuppressMessage("Security", "CA2100", Justification = "Texts are constants; what varies is a parameter.")]
    public PreparedStatement(SqliteConnection connection, string text, params ReadOnlySpan<string> parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = text;
        foreach (var name in parameters)
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }
    }

    /// <summary>Runs the statement and returns how many rows it changed.</summary>
    public int Run(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}
