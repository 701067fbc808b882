namespace Maestro.Rows;

/// <summary>What the ledger says of a stored row that must never go back to an older one.</summary>
/// <param name="Index">The place of the newest entry about it.</param>
/// <param name="Number">How often it changed in what matters, by that entry.</param>
/// <param name="Mark">The digest of what mattered then, in hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("maestro.row-standing")]
public sealed record RowStanding([property: Id(0)] long Index, [property: Id(1)] long Number, [property: Id(2)] string Mark);
