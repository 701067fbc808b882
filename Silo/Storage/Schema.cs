using System.Collections.Immutable;
using System.Globalization;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>Brings the database to the form that this release knows, script by script, each in a transaction of its own.</summary>
internal sealed class Schema(ImmutableArray<SchemaScript> scripts, TimeProvider time)
{
    public Schema(TimeProvider time) : this(SchemaScript.Embedded, time) { }

    /// <summary>Applies what is missing. Applying all of it again is success.</summary>
    /// <exception cref="RefusedException">
    /// <c>data.newer</c>: a newer release wrote it; <c>data.altered</c>: a script that was applied is not ours.
    /// </exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public void Apply(SqliteSource source)
    {
        try
        {
            using var connection = source.Open();
            foreach (var script in scripts)
            {
                connection.Immediately(() => Apply(connection, script));
            }
            Check(Applied(connection));
        }
        catch (SqliteException failure)
        {
            throw StorageFailure.Of(failure);
        }
    }

    private bool Apply(SqliteConnection connection, SchemaScript script)
    {
        var applied = Applied(connection);
        Check(applied);
        if (applied.Any(row => row.Version == script.Version))
        {
            return false;
        }
        connection.Execute(script.Text);
        connection.Execute(
            "INSERT INTO schema_version (version, script, sha256, applied_at) VALUES ($version, $script, $sha256, $at)",
            ("$version", script.Version), ("$script", script.Name), ("$sha256", script.Digest.Hex), ("$at", time.GetUtcNow().ToText()));
        return true;
    }

    private void Check(ImmutableArray<(int Version, string Sha256)> applied)
    {
        foreach (var (version, sha256) in applied)
        {
            var script = scripts.FirstOrDefault(script => script.Version == version);
            if (script is null)
            {
                throw Refuse("data.newer", "A release reads only databases of its own form or an older one.", $"form {Latest}",
                    $"form {version}",
                    "Start the newer release of Maestro that wrote it, or restore a backup from before.");
            }
            if (script.Digest.Hex != sha256)
            {
                throw Refuse("data.altered", "A schema script that was applied never changes.",
                    $"{script.Name} with {script.Digest.Abbreviated}",
                    $"one with {(sha256.Length >= 12 ? sha256[..12] : sha256)}",
                    "Start the release that made the database, or restore a backup.");
            }
        }
    }

    private string Latest => scripts.Max(script => script.Version).ToString(CultureInfo.InvariantCulture);

    private static ImmutableArray<(int Version, string Sha256)> Applied(SqliteConnection connection) =>
        connection.Select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", row => row.GetInt32(0)).IsEmpty
            ? []
            : connection.Select("SELECT version, sha256 FROM schema_version ORDER BY version", row => (row.GetInt32(0), row.GetString(1)));

    private static RefusedException Refuse(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));
}
