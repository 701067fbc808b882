using System.Globalization;

namespace Maestro.Rows;

/// <summary>What a grain holds of its stored row between two uses, as the ETag of its state.</summary>
/// <param name="Version">The database's own; null where there is no row.</param>
/// <param name="Ledger">The place of the ledger's newest entry about the row; -1 for none.</param>
internal sealed record RowTag(string? Version, long Number, long Ledger, string Mark)
{
    private const char Separator = '|';

    public static RowTag None { get; } = new(null, 0, -1, "");

    public static RowTag Of(string? tag) => tag?.Split(Separator) is [var version, var number, var ledger, var mark]
        ? new(version.Length == 0 ? null : version, Read(number), Read(ledger), mark)
        : None;

    /// <summary>The seal of the row's next writing: another number where what matters is another.</summary>
    /// <param name="mark">The digest of what matters; empty where nothing does, or not yet.</param>
    public RowSeal Next(string mark, DateTimeOffset now) => new(mark == Mark ? Number : Number + 1, Ledger, now, mark);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}{Separator}{Number}{Separator}{Ledger}{Separator}{Mark}");

    private static long Read(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
