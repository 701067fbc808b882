using System.Collections.Immutable;
using Maestro.Audit;
using Maestro.Outside;

namespace Maestro.Storage.Postgres;

/// <summary>Signed checkpoints in PostgreSQL.</summary>
internal sealed class PostgresCheckpointStore(PostgresSource source) : ICheckpointStore
{
    public Task<SignedNote?> FindNewestAsync(CancellationToken cancellation) => FindAsync("size > $1 ORDER BY size DESC", 0, cancellation);

    public Task<SignedNote?> FindBeyondAsync(ulong entries, CancellationToken cancellation) =>
        FindAsync("size > $1 ORDER BY size", (long)entries, cancellation);

    public Task<ImmutableArray<SignedNote>> ReadAsync(ulong entries, int count, CancellationToken cancellation) => source.SelectAsync(
        "SELECT note FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT $2",
        row => CheckpointRows.NoteOf(row.GetString(0), []), cancellation, (long)entries, count);

    public async Task<bool> AddAsync(Checkpoint checkpoint, SignedNote note, DateTimeOffset at, CancellationToken cancellation) =>
        await source.ExecuteAsync(
            "INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", cancellation,
            (long)checkpoint.Size, at.ToText(), note.ToString()) == 1;

    public async Task<bool> AddAsync(ulong size, NoteSignature cosignature, CancellationToken cancellation) => await source.ExecuteAsync(
        """
        INSERT INTO ledger_cosignature (size, witness, key, signature)
        SELECT size, $2, $3, $4 FROM ledger_checkpoint WHERE size = $1
        ON CONFLICT DO NOTHING
        """,
        cancellation, (long)size, cosignature.Name, (long)cosignature.KeyId, cosignature.Signature.ToArray()) == 1;

    private async Task<SignedNote?> FindAsync(string which, long entries, CancellationToken cancellation)
    {
        var found = await source.SelectAsync(
            $"SELECT size, note FROM ledger_checkpoint WHERE {which} LIMIT 1", row => (Size: row.GetInt64(0), Note: row.GetString(1)), cancellation, entries);
        return found is not [var (size, note)] ? null : CheckpointRows.NoteOf(note, await source.SelectAsync(
            "SELECT witness, key, signature FROM ledger_cosignature WHERE size = $1 ORDER BY witness", CheckpointRows.CosignatureOf, cancellation, size));
    }
}
