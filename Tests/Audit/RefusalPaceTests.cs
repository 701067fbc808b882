namespace Maestro.Audit;

public sealed class RefusalPaceTests
{
    private readonly Clock _clock = new();
    private readonly RefusalPace _pace;

    public RefusalPaceTests() => _pace = new(_clock);

    [Fact]
    public void A_flood_is_cut_and_what_was_lost_is_told_with_the_next_one()
    {
        Assert.All(Enumerable.Range(0, RefusalPace.AMinute), _ => Assert.Equal(0, _pace.Take("one")));
        Assert.All(Enumerable.Range(0, 7), _ => Assert.Null(_pace.Take("one")));
        Assert.Equal(0, _pace.Take("other"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(7, _pace.Take("one"));
        Assert.Equal(0, _pace.Take("one"));
    }

    [Fact]
    public void A_flood_of_subjects_is_cut_too()
    {
        var taken = Enumerable.Range(0, 20_000).Count(number => _pace.Take($"subject/{number}") is not null);
        Assert.InRange(taken, 10_000, 10_000 + RefusalPace.AMinute);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(_pace.Take("subject/new"));
    }
}
