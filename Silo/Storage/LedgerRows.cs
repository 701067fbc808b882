using System.Collections.Immutable;
using System.Data.Common;
using Maestro.Audit;

namespace Maestro.Storage;

/// <summary>Rows of the ledger and its outbox, the same in every database.</summary>
internal static class LedgerRows
{
    public const string Columns = "idx, before, hash, key, at, kind, actor, subject, body";

    /// <exception cref="ArgumentException">The entries do not follow each other.</exception>
    public static void Check(long before, ImmutableArray<LedgerEntry> entries)
    {
        if (entries.Where((entry, i) => entry.Index != before + 1 + i).Any())
        {
            throw new ArgumentException("Entries must follow each other from the index after 'before'.", nameof(entries));
        }
    }

    public static LedgerEntry EntryOf(DbDataReader row) => new(row.GetInt64(0), FactOf(row, 3), row.GetString(1), row.GetString(2));

    public static LedgerFact FactOf(DbDataReader row, int first)
    {
        try
        {
            return new(row.GetString(first), StoredTime.Parse(row.GetString(first + 1)), row.GetString(first + 2), row.GetString(first + 3),
                row.GetString(first + 4), row.GetString(first + 5));
        }
        catch (FormatException failure)
        {
            throw StorageFailure.Damaged($"The fact '{row.GetString(first)}' of the ledger has no readable time.", failure);
        }
    }
}
