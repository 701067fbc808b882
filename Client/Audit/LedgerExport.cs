using System.Collections.Immutable;
using System.Globalization;
using Maestro.Connection;

namespace Maestro.Audit;

/// <summary>
/// Writes a part of the ledger page by page, however long it is, and checks on the way what can be checked: that the entries follow each other, and,
/// where it is all of them, that they have the root that was signed.
/// </summary>
internal sealed class LedgerExport(ILedgerGrain ledger, SignedNote note, IEntryWriter writer, TextWriter output, TimeProvider time)
{
    private const int PageSize = 1000;

    private readonly MerkleFrontier _tree = new();
    private readonly Checkpoint _checkpoint = Checkpoint.Read(note.Text) ?? throw new SentenceException("The silo's newest checkpoint has another form.");
    private LedgerEntry? _last;

    /// <summary>How many entries the newest checkpoint covers; only those are written.</summary>
    public long Signed => (long)_checkpoint.Size;

    /// <param name="from">The first entry to write.</param>
    /// <param name="end">The first one not to write.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="SentenceException">The entries are not those that were signed.</exception>
    public async Task<long> WriteAsync(long from, long end, CancellationToken cancellation)
    {
        end = Math.Min(end, Signed);
        var reading = ReadAsync(from, end);
        for (var next = from; next < end;)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = await reading;
            Check(page, next);
            next = page[^1].Index + 1;
            reading = ReadAsync(next, end);
            foreach (var entry in page)
            {
                await output.WriteLineAsync(writer.LineOf(entry).AsMemory(), cancellation);
                _tree.Add(LedgerLeaf.HashOf(entry));
            }
        }
        await reading;
        if (from == 0 && end == Signed && !_tree.Root().AsSpan().SequenceEqual(_checkpoint.Root.AsSpan()))
        {
            throw new SentenceException(
                "The entries are not those that were signed: they have another root. Look with: maestro audit verify", ExitCode.Refused);
        }
        await output.WriteLineAsync(writer.EndOf(note, _checkpoint, time.GetUtcNow(), from, Math.Max(from, end)).AsMemory(), cancellation);
        await output.FlushAsync(cancellation);
        return Math.Max(0, end - from);
    }

    private async Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, long end) =>
        from < end ? await ledger.ReadAsync(from, (int)Math.Min(PageSize, end - from)) : [];

    private void Check(ImmutableArray<LedgerEntry> page, long first)
    {
        var difference = page is not [var begin, ..] || begin.Index != first
            ? string.Create(CultureInfo.InvariantCulture, $"Entry {first} of the ledger is missing.")
            : _last is null ? LedgerChain.Check(page.Skip(1), begin) : LedgerChain.Check(page, _last);
        if (difference is not null)
        {
            throw new SentenceException($"{difference} Look with: maestro audit verify", ExitCode.Refused);
        }
        _last = page[^1];
    }
}
