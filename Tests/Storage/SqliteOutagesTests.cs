using Maestro.Outside;

namespace Maestro.Storage;

public sealed class SqliteOutagesTests : IDisposable
{
    private readonly Database _database = new();
    private readonly Clock _clock = new() { Now = Database.Noon };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gap_of_more_than_five_seconds_is_an_outage_for_every_silo()
    {
        var first = new SqliteOutages(_database.Source, _clock);
        await first.BeatAsync(Cancellation);
        _clock.Now += TimeSpan.FromSeconds(5);
        await first.BeatAsync(Cancellation);
        Assert.Empty(first.Known);

        _clock.Now += TimeSpan.FromSeconds(6);
        var second = new SqliteOutages(_database.Source, _clock);
        await second.BeatAsync(Cancellation);
        await first.BeatAsync(Cancellation);
        var expected = new Outage(Database.Noon.AddSeconds(5), Database.Noon.AddSeconds(11));
        Assert.Equal(expected, Assert.Single(second.Known));
        Assert.Equal(expected, Assert.Single(first.Known));
    }

    [Fact]
    public async Task A_clock_that_went_back_makes_no_outage()
    {
        var outages = new SqliteOutages(_database.Source, _clock);
        await outages.BeatAsync(Cancellation);
        _clock.Now -= TimeSpan.FromMinutes(1);
        await outages.BeatAsync(Cancellation);
        _clock.Now += TimeSpan.FromMinutes(1);
        await outages.BeatAsync(Cancellation);
        Assert.Empty(outages.Known);
    }

    [Fact]
    public async Task The_newest_hundred_are_remembered()
    {
        var outages = new SqliteOutages(_database.Source, _clock);
        for (var i = 0; i <= 105; i++)
        {
            await outages.BeatAsync(Cancellation);
            _clock.Now += TimeSpan.FromMinutes(1);
        }
        Assert.Equal(100, outages.Known.Length);
        Assert.Equal(Database.Noon.AddMinutes(105), outages.Known[^1].To);
        Assert.Equal(Database.Noon.AddMinutes(5), outages.Known[0].From);
    }

    public void Dispose() => _database.Dispose();

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
