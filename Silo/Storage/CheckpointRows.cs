using System.Data.Common;
using Maestro.Audit;

namespace Maestro.Storage;

/// <summary>How checkpoints stand in their tables, in either database.</summary>
internal static class CheckpointRows
{
    /// <summary>
    /// The note with its cosignatures. What is not a note any more is shown as one that nobody signed, so that it is refused with its reason.
    /// </summary>
    public static SignedNote NoteOf(string text, IEnumerable<NoteSignature> cosignatures) =>
        SignedNote.Read(text) is { } note ? note with { Signatures = note.Signatures.AddRange(cosignatures) } : new(text, []);

    public static NoteSignature CosignatureOf(DbDataReader row) => new(row.GetString(0), (uint)row.GetInt64(1), [.. row.Bytes(2)]);
}
