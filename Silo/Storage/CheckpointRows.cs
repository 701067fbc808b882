using System.Data.Common;
using Maestro.Audit;

namespace Maestro.Storage;

/// <summary>How checkpoints stand in their tables, in either database.</summary>
internal static class CheckpointRows
{
    /// <summary>The note with its cosignatures.</summary>
    public static SignedNote NoteOf(string text, IEnumerable<NoteSignature> cosignatures)
    {
        var note = SignedNote.Of(text);
        return note with { Signatures = note.Signatures.AddRange(cosignatures) };
    }

    public static Tile TileOf(DbDataReader row) => new(row.GetInt16(0), row.GetInt64(1), [.. row.Bytes(2)], [.. row.Bytes(3)]);

    public static NoteSignature CosignatureOf(DbDataReader row) => new(row.GetString(0), (uint)row.GetInt64(1), [.. row.Bytes(2)]);
}
