using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Outside;
using Microsoft.Data.Sqlite;

namespace Maestro.Storage;

/// <summary>Signed checkpoints in SQLite.</summary>
internal sealed class SqliteCheckpointStore(SqliteSource source) : ICheckpointStore
{
    public Task<SignedNote?> FindNewestAsync(CancellationToken cancellation) =>
        FindAsync("size > $entries ORDER BY size DESC", 0, cancellation);

    public Task<SignedNote?> FindBeyondAsync(ulong entries, CancellationToken cancellation) =>
        FindAsync("size > $entries ORDER BY size", (long)entries, cancellation);

    public Task<ImmutableArray<SignedNote>> ReadAsync(ulong entries, int count, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            "SELECT note FROM ledger_checkpoint WHERE size > $entries ORDER BY size LIMIT $count",
            row => CheckpointRows.NoteOf(row.GetString(0), []), ("$entries", (long)entries), ("$count", count)),
        cancellation);

    public Task<bool> AddAsync(Checkpoint checkpoint, SignedNote note, DateTimeOffset at, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Execute(
            "INSERT INTO ledger_checkpoint (size, at, note) VALUES ($size, $at, $note) ON CONFLICT DO NOTHING",
            ("$size", (long)checkpoint.Size), ("$at", at.ToText()), ("$note", note.ToString())) == 1,
        cancellation);

    public Task<bool> AddAsync(ulong size, NoteSignature cosignature, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Execute(
            """
            INSERT INTO ledger_cosignature (size, witness, key, signature)
            SELECT size, $witness, $key, $signature FROM ledger_checkpoint WHERE size = $size
            ON CONFLICT DO NOTHING
            """,
            ("$size", (long)size), ("$witness", cosignature.Name), ("$key", (long)cosignature.KeyId),
            ("$signature", cosignature.Signature.ToArray())) == 1,
        cancellation);

    private Task<SignedNote?> FindAsync(string which, long entries, CancellationToken cancellation) => source.RunAsync(
        connection => connection.Select(
            $"SELECT size, note FROM ledger_checkpoint WHERE {which} LIMIT 1", row => (Size: row.GetInt64(0), Note: row.GetString(1)), ("$entries", entries))
            is [var found] ? CheckpointRows.NoteOf(found.Note, Cosignatures(connection, found.Size)) : null,
        cancellation);

    private static ImmutableArray<NoteSignature> Cosignatures(SqliteConnection connection, long size) => connection.Select(
        "SELECT witness, key, signature FROM ledger_cosignature WHERE size = $size ORDER BY witness", CheckpointRows.CosignatureOf, ("$size", size));
}
