namespace Maestro.Audit;

public sealed class RefusalPaceTests
{
    private readonly Clock _clock = new();
    private readonly RefusalPace _pace;

    public RefusalPaceTests() => _pace = new(_clock);

    [Fact]
    public void A_flood_is_cut_and_what_was_lost_is_told_with_the_next_one()
    {
        Assert.All(Enumerable.Range(0, RefusalPace.AMinute), _ => Assert.Equal(0, _pace.Take(Junk("one"))));
        Assert.All(Enumerable.Range(0, 7), _ => Assert.Null(_pace.Take(Junk("one"))));
        Assert.Equal(0, _pace.Take(Junk("other")));
        _clock.Advance(RefusalPace.Span);
        Assert.Equal(7, _pace.Take(Junk("one")));
        Assert.Equal(0, _pace.Take(Junk("one")));
    }

    [Fact]
    public void A_flood_of_subjects_is_cut_too()
    {
        var taken = Enumerable.Range(0, 20_000).Count(number => _pace.Take(Junk($"subject/{number}")) is not null);
        Assert.InRange(taken, 10_000, 10_000 + RefusalPace.AMinute);
        _clock.Advance(RefusalPace.Span);
        Assert.NotNull(_pace.Take(Junk("subject/new")));
    }

    [Fact]
    public void A_flood_of_junk_hides_no_forged_decision()
    {
        Assert.All(Enumerable.Range(0, 2 * RefusalPace.AMinute), _ => _pace.Take(Junk("desk/crew")));
        Assert.Null(_pace.Take(Junk("desk/crew")));
        Assert.Equal(0, _pace.Take(Junk("desk/crew") with { Code = "approval.author" }));
        Assert.Equal(0, _pace.Take(Junk("desk/crew") with { Kind = "approval.refused" }));
    }

    [Fact]
    public void What_was_lost_is_kept_until_it_is_told_also_where_nothing_follows()
    {
        var flooded = Junk("one");
        Assert.Equal(RefusalPace.AMinute, Enumerable.Range(0, RefusalPace.AMinute + 3).Count(_ => _pace.Take(flooded) is not null));
        Assert.Empty(_pace.Untold());
        _clock.Advance(RefusalPace.Span);
        Assert.All(Enumerable.Range(0, 20_000), number => _pace.Take(Junk($"subject/{number}")));
        Assert.Equal(flooded, Assert.Single(_pace.Untold()));
        Assert.Equal(3, _pace.TakeLost(flooded));
        Assert.Empty(_pace.Untold());
        _pace.GiveBack(flooded, 4);
        Assert.Equal(4, _pace.Take(flooded));
    }

    private static RefusalKey Junk(string subject) => new(subject, "message.dropped", "message.malformed");
}
