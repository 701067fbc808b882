using System.Collections.Immutable;
using System.Text;

namespace Maestro.Policies;

/// <summary>The policies that come with Maestro, and those of the operators' folder. No file of the folder takes the place of a
/// shipped one.</summary>
/// <param name="folder">The operators' folder; null where they have none. A folder that cannot be read blocks.</param>
internal sealed class PolicyFolder(string? folder) : IPolicySource
{
    private const string Prefix = "policies/";
    private const string Extension = ".js";
    private const int MostPolicies = 50;
    private const int MostBytes = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private static readonly ImmutableArray<Policy> Shipped = ReadShipped();

    public ImmutableArray<Policy> Read() => folder is null ? Shipped : [.. Shipped, .. ReadFolder(folder)];

    private static IEnumerable<Policy> ReadFolder(string folder)
    {
        try
        {
            var paths = Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).ToList();
            return paths.Count <= MostPolicies
                ? [.. paths.Select(ReadFile)]
                : [new Policy(Prefix, null, $"the folder has {paths.Count} policies and may have {MostPolicies}")];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return [new Policy(Prefix, null, "the folder of policies cannot be read")];
        }
    }

    private static Policy ReadFile(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (Shipped.Any(policy => string.Equals(policy.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            return new Policy(name, null, "it has the name of a policy that comes with Maestro; give it another one");
        }
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? new Policy(name, Utf8.GetString(File.ReadAllBytes(path)))
                : new Policy(name, null, $"it has more than {MostBytes} bytes");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new Policy(name, null, "it cannot be read");
        }
        catch (DecoderFallbackException)
        {
            return new Policy(name, null, "it is not text in UTF-8");
        }
    }

    private static ImmutableArray<Policy> ReadShipped()
    {
        var assembly = typeof(PolicyFolder).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Utf8);
                    return new Policy(name[Prefix.Length..^Extension.Length], reader.ReadToEnd());
                }),
        ];
    }
}
