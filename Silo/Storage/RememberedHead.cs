using System.Text.Json;
using Maestro.Audit;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>
/// The last entry of the ledger that was ever written, remembered beside the database: a chain whose end was cut off is whole in itself.
/// </summary>
internal sealed record RememberedHead(long Index, string Hash)
{
    public const string FileName = "ledger-head.json";

    /// <summary>What is remembered; null before the first entry.</summary>
    /// <exception cref="OutsideException">The file is there and cannot be read.</exception>
    public static RememberedHead? Read(string path)
    {
        try
        {
            var bytes = DurableFile.Read(path);
            return bytes is null ? null : JsonSerializer.Deserialize<RememberedHead>(bytes, JsonSerializerOptions.Strict);
        }
        catch (JsonException failure)
        {
            throw StorageFailure.Damaged($"The file '{path}' does not hold the ledger's head.", failure);
        }
    }

    // Not flushed: after a crash it is behind the ledger, which is no difference.
    public void Write(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this), flush: false);

    /// <summary>Compares with the entry that stands at <see cref="Index"/> now; null where it is the one that was written.</summary>
    public string? Difference(LedgerEntry? found) =>
        found is null ? FormattableString.Invariant($"The ledger was cut off: entry {Index} was written, and is not there any more.")
        : found.Hash != Hash ? FormattableString.Invariant($"Entry {Index} of the ledger is another one than was written.")
        : null;
}
