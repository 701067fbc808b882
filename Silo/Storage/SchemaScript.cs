using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Storage;

/// <summary>One numbered script of the schema, as it is embedded in this release.</summary>
/// <param name="Version">From 1, without gaps: the number its name begins with.</param>
internal sealed record SchemaScript(int Version, string Name, string Text, Digest Digest)
{
    private const string Prefix = "sqlite/";

    /// <summary>The scripts of this release, in order.</summary>
    public static ImmutableArray<SchemaScript> Embedded { get; } = ReadEmbedded();

    /// <exception cref="FormatException">The name does not begin with a number of four digits.</exception>
    public static SchemaScript Of(string name, byte[] content) => new(
        int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture),
        name, Encoding.UTF8.GetString(content), Digest.Of(content));

    private static ImmutableArray<SchemaScript> ReadEmbedded()
    {
        var assembly = typeof(SchemaScript).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Of(name[Prefix.Length..], Read(assembly, name))),
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
