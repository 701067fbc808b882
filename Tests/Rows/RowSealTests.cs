using Maestro.Identity;

namespace Maestro.Rows;

/// <summary>Which row counts, by what the ledger was told.</summary>
public sealed class RowSealTests
{
    private static readonly RowName Row = new(Role.Control, "environment", "env/shop/production");
    private static readonly RowStanding Third = new(40, 3, "m3");

    [Theory]
    [InlineData(1, -1, "m1", null)]
    [InlineData(1, 5, "m1", "row.ahead")]
    [InlineData(2, -1, "m2", "row.ahead")]
    public void Where_the_ledger_knows_nothing_only_the_first_counts(long number, long ledger, string mark, string? code) =>
        Assert.Equal(code, Seal(number, ledger, mark).FindFault(Row, null)?.Code);

    [Theory]
    [InlineData(3, 30, "m3", null)]
    [InlineData(3, 30, "m3'", "row.other")]
    [InlineData(4, 40, "m4", null)]
    [InlineData(4, 30, "m4", "row.ahead")]
    [InlineData(5, 40, "m5", "row.ahead")]
    [InlineData(2, 20, "m2", "row.old")]
    [InlineData(0, -1, "", "row.old")]
    public void Otherwise_the_one_it_was_told_of_and_the_one_after_count(long number, long ledger, string mark, string? code) =>
        Assert.Equal(code, Seal(number, ledger, mark).FindFault(Row, Third)?.Code);

    [Fact]
    public void A_row_that_is_not_there_counts_where_there_never_was_one() =>
        Assert.Equal((null, "row.gone"), (RowSeal.FindGone(Row, null)?.Code, RowSeal.FindGone(Row, Third)?.Code));

    [Fact]
    public void A_name_is_read_back_from_its_facts()
    {
        Assert.Equal(Row, RowName.Parse(Row.ToString()));
        Assert.Equal(12, RowName.NumberIn(Row.FactKey(12)));
        Assert.Null(RowName.Parse("row/nobody/environment/env"));
        Assert.Null(RowName.Parse("row/control/environment/env#000000000009"));
    }

    [Fact]
    public void Facts_of_one_row_are_between_its_bounds_and_those_of_no_other_are()
    {
        var (after, before) = Row.Range;
        Assert.All([Row.FactKey(1), Row.FactKey(999_999_999_999)], key => Assert.True(IsBetween(key)));
        Assert.All([(Row with { Key = $"{Row.Key}2" }).FactKey(1), (Row with { Key = $"{Row.Key}/x" }).FactKey(1)], key => Assert.False(IsBetween(key)));
        Assert.True(string.CompareOrdinal(Row.FactKey(9), Row.FactKey(10)) < 0);

        bool IsBetween(string key) => string.CompareOrdinal(key, after) > 0 && string.CompareOrdinal(key, before) < 0;
    }

    [Fact]
    public void A_signature_is_over_the_name_and_the_content_too()
    {
        var seal = Seal(1, -1, "m");
        Assert.NotEqual(seal.Encode(Row, "a"u8), seal.Encode(Row with { Key = "env/shop/staging" }, "a"u8));
        Assert.NotEqual(seal.Encode(Row, "a"u8), seal.Encode(Row, "b"u8));
        Assert.NotEqual(seal.Encode(Row, "a"u8), (seal with { Number = 2 }).Encode(Row, "a"u8));
    }

    private static RowSeal Seal(long number, long ledger, string mark) => new(number, ledger, DateTimeOffset.UnixEpoch, mark);
}
