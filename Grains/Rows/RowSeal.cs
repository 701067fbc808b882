using System.Globalization;
using System.Text.Json;
using Maestro.Deployments;

namespace Maestro.Rows;

/// <summary>What a row says of itself under its role's signature.</summary>
/// <param name="Number">How often it changed in what matters; 0 for a row of which an older one does no harm.</param>
/// <param name="Ledger">The place of the ledger's entry about the number before, as its writer knew it; -1 for none.</param>
/// <param name="At">When it was written.</param>
/// <param name="Mark">The digest of what matters, in hexadecimal; empty where nothing does.</param>
public sealed record RowSeal(long Number, long Ledger, DateTimeOffset At, string Mark)
{
    /// <summary>
    /// The bytes that are signed: the form, the row's name and what it says of itself as one line of JSON, then its content. So a signature counts for
    /// no other row.
    /// </summary>
    public byte[] Encode(RowName row, ReadOnlySpan<byte> content) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new { form = "maestro.row/v1", row = row.ToString(), Number, Ledger, At, Mark }), (byte)'\n', .. content];

    /// <summary>Whether the row may count by what the ledger says of it. It is told after the row is written, so a row may be one ahead, and no more.</summary>
    /// <param name="known">The newest that the ledger was told; null for nothing.</param>
    /// <returns>Why it does not count; null where it does.</returns>
    public Reason? FindFault(RowName row, RowStanding? known) =>
        Number == (known?.Number ?? 0)
            ? known is null || Mark == known.Mark ? null : Because(row, "row.other", "A row is the one that the ledger was told of.", known.Mark, Mark)
            : Number < known?.Number ? Because(row, "row.old", "A row does not go back to an older one.", Shown(known.Number), Shown(Number))
            : IsNext(known) ? null : Because(row, "row.ahead", "The ledger was told of every change of a row.", Shown((known?.Number ?? 0) + 1), Shown(Number));

    /// <summary>Whether it is the one after what the ledger was told last: its writer died before it could tell, or is just about to.</summary>
    public bool IsNext(RowStanding? known) => Number == (known?.Number ?? 0) + 1 && Ledger == (known?.Index ?? -1);

    /// <summary>Why nothing may count where the ledger knows of a row; null where it knows of none.</summary>
    public static Reason? FindGone(RowName row, RowStanding? known) =>
        known is null ? null : Because(row, "row.gone", "A row that the ledger was told of is there.", Shown(known.Number), "none");

    /// <summary>A row that does not count, and how a person can let it.</summary>
    public static Reason Because(RowName row, string code, string rule, string expected, string found) => new(
        code, rule, expected, $"{found} in {row}",
        $"Restore the database, or look at the row and accept it as it is with: maestro db accept {row} --reason TEXT");

    private static string Shown(long number) => string.Create(CultureInfo.InvariantCulture, $"number {number}");
}
