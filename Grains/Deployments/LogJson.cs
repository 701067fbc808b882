using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Maestro.Deployments;

/// <summary>How an entry of the log is written: JSON with the entry's <c>kind</c>, enums by name, digests as text.</summary>
public static class LogJson
{
    /// <summary>Also for bodies of facts and snapshots, so that one value has one form everywhere.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The entry as the bytes that are stored; the same entry gives the same bytes.</summary>
    public static byte[] Bytes(LogEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Options);

    /// <summary>The digest of the stored bytes; the entry's fact in the ledger carries it as the field <c>entry</c> of its body.</summary>
    public static Digest DigestOf(LogEntry entry) => Digest.Of(Bytes(entry));

    /// <summary>The key of the one ledger fact that belongs to the entry with this number.</summary>
    public static string FactKey(DeploymentId deployment, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"log/{deployment}/{number}");

    /// <exception cref="JsonException">The bytes are not an entry.</exception>
    public static LogEntry Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<LogEntry>(bytes, Options) ?? throw new JsonException("An entry was expected, not null.");
        }
        catch (NotSupportedException unknown)
        {
            throw new JsonException("The entry does not say what kind it is.", unknown);
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
            // A later release may add fields; an older silo must still read the entry.
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
