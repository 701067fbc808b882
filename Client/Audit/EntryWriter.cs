using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Audit;

/// <summary>Writes entries of the ledger for others to read, one a line, and at the end the checkpoint that they were read under.</summary>
internal interface IEntryWriter
{
    string LineOf(LedgerEntry entry);

    /// <param name="from">The first entry that was written.</param>
    /// <param name="end">The first one that was not.</param>
    string EndOf(SignedNote note, Checkpoint checkpoint, DateTimeOffset at, long from, long end);
}

/// <summary>Entries as they are: whoever reads them can compute every hash again. The body is text, because its spelling is what was hashed.</summary>
internal sealed class JsonLines : IEntryWriter
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    public string LineOf(LedgerEntry entry) => JsonSerializer.Serialize(
        new { entry.Index, entry.Fact, entry.Before, entry.Hash, Leaf = Convert.ToHexStringLower(LedgerLeaf.HashOf(entry)) }, Form);

    public string EndOf(SignedNote note, Checkpoint checkpoint, DateTimeOffset at, long from, long end) => new JsonObject
    {
        ["checkpoint"] = new JsonObject
        {
            ["origin"] = checkpoint.Origin,
            ["size"] = checkpoint.Size,
            ["root"] = Convert.ToHexStringLower([.. checkpoint.Root]),
            ["note"] = note.ToString(),
        },
        ["from"] = from,
        ["entries"] = end - from,
        ["exportedAt"] = at,
    }.ToJsonString();
}
