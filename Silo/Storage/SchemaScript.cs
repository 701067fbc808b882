using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Storage;

/// <summary>One numbered script of the schema, as it is embedded in this release.</summary>
/// <param name="Version">From 1, rising: the number its name begins with.</param>
internal sealed record SchemaScript(int Version, string Name, string Text, Digest Digest)
{
    /// <summary>The scripts of this release for SQLite, in order.</summary>
    public static ImmutableArray<SchemaScript> Sqlite { get; } = ReadEmbedded("sqlite/");

    /// <summary>The scripts of this release for PostgreSQL, in order; the same names and meaning.</summary>
    public static ImmutableArray<SchemaScript> Postgres { get; } = ReadEmbedded("postgres/");

    /// <exception cref="FormatException">The name does not begin with a number of four digits.</exception>
    public static SchemaScript Of(string name, byte[] content) => new(
        int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture),
        name, Encoding.UTF8.GetString(content), Digest.Of(content));

    private static ImmutableArray<SchemaScript> ReadEmbedded(string prefix)
    {
        var assembly = typeof(SchemaScript).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Of(name[prefix.Length..], Read(assembly, name))),
        ];
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing.");
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    }
}
