using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>Brings a SQLite database to the form that this release knows, script by script, each in a transaction of its own.</summary>
internal sealed class Schema(ImmutableArray<SchemaScript> scripts, TimeProvider time)
{
    private readonly SchemaHistory _history = new(scripts);

    public Schema(TimeProvider time) : this(SchemaScript.Sqlite, time) { }

    /// <summary>Applies what is missing. Applying all of it again is success.</summary>
    /// <returns>The names of the scripts that were applied now.</returns>
    /// <exception cref="RefusedException"><c>data.newer</c> or <c>data.altered</c>, see <see cref="SchemaHistory"/>.</exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public IReadOnlyList<string> Apply(SqliteSource source)
    {
        try
        {
            using var connection = source.Open();
            var applied = new List<string>();
            foreach (var script in _history.Missing(Applied(connection)))
            {
                if (connection.Immediately(() => Apply(connection, script)))
                {
                    applied.Add(script.Name);
                }
            }
            return applied;
        }
        catch (SqliteException failure)
        {
            throw StorageFailure.Of(failure);
        }
    }

    // Another process may have applied it since it was found missing.
    private bool Apply(SqliteConnection connection, SchemaScript script)
    {
        if (!_history.Missing(Applied(connection)).Contains(script))
        {
            return false;
        }
        connection.Execute(script.Text);
        connection.Execute(
            "INSERT INTO schema_version (version, script, sha256, applied_at) VALUES ($version, $script, $sha256, $at)",
            ("$version", script.Version), ("$script", script.Name), ("$sha256", script.Digest.Hex), ("$at", time.GetUtcNow().ToText()));
        return true;
    }

    private static ImmutableArray<(int Version, string Sha256)> Applied(SqliteConnection connection) =>
        connection.Select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", row => row.GetInt32(0)).IsEmpty
            ? []
            : connection.Select("SELECT version, sha256 FROM schema_version ORDER BY version", row => (row.GetInt32(0), row.GetString(1)));
}
