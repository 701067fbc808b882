using System.Collections.Immutable;
using System.Globalization;
using Maestro.Deployments;

namespace Maestro.Storage;

/// <summary>The scripts that make this release's schema, compared with those that made a database.</summary>
internal sealed class SchemaHistory(ImmutableArray<SchemaScript> scripts)
{
    /// <summary>The scripts that were not applied yet, in order.</summary>
    /// <exception cref="RefusedException">
    /// <c>data.newer</c>: a newer release wrote it; <c>data.altered</c>: a script that was applied is not ours.
    /// </exception>
    public ImmutableArray<SchemaScript> Missing(IEnumerable<(int Version, string Sha256)> applied)
    {
        var known = new HashSet<int>();
        foreach (var (version, sha256) in applied)
        {
            Check(version, sha256);
            known.Add(version);
        }
        return [.. scripts.Where(script => !known.Contains(script.Version))];
    }

    private void Check(int version, string sha256)
    {
        var script = scripts.FirstOrDefault(script => script.Version == version);
        if (script is null)
        {
            throw Refuse("data.newer", "A release reads only databases of its own form or an older one.",
                $"form {scripts.Max(known => known.Version).ToString(CultureInfo.InvariantCulture)}", $"form {version.ToString(CultureInfo.InvariantCulture)}",
                "Start the newer release of Maestro that wrote it, or restore a backup from before.");
        }
        if (script.Digest.Hex != sha256)
        {
            throw Refuse("data.altered", "A schema script that was applied never changes.", $"{script.Name} with {script.Digest.Abbreviated}",
                $"one with {(sha256.Length >= 12 ? sha256[..12] : sha256)}", "Start the release that made the database, or restore a backup.");
        }
    }

    private static RefusedException Refuse(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));
}
