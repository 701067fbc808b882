using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>What every <see cref="IOutages"/> does, whichever database it is in.</summary>
public abstract class OutagesContract : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gap_of_more_than_five_seconds_is_an_outage_for_every_silo()
    {
        var first = _database.OpenOutages();
        await first.BeatAsync(Cancellation);
        await first.BeatAsync(Cancellation);
        Assert.Empty(first.Known);

        _database.Advance(TimeSpan.FromMinutes(10));
        var second = _database.OpenOutages();
        await second.BeatAsync(Cancellation);
        await first.BeatAsync(Cancellation);
        var outage = Assert.Single(second.Known);
        Assert.InRange(outage.To - outage.From, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11));
        Assert.Equal(outage, Assert.Single(first.Known));
    }

    [Fact]
    public async Task Silos_that_beat_at_once_see_one_outage()
    {
        await _database.OpenOutages().BeatAsync(Cancellation);
        _database.Advance(TimeSpan.FromMinutes(10));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _database.OpenOutages().BeatAsync(Cancellation)));
        var last = _database.OpenOutages();
        await last.BeatAsync(Cancellation);
        Assert.Single(last.Known);
    }

    [Fact]
    public async Task A_clock_that_went_back_makes_no_outage()
    {
        var outages = _database.OpenOutages();
        await outages.BeatAsync(Cancellation);
        _database.Advance(TimeSpan.FromMinutes(-1));
        await outages.BeatAsync(Cancellation);
        _database.Advance(TimeSpan.FromMinutes(1));
        await outages.BeatAsync(Cancellation);
        Assert.Empty(outages.Known);
    }

    [Fact]
    public async Task The_newest_hundred_are_remembered()
    {
        var outages = _database.OpenOutages();
        await outages.BeatAsync(Cancellation);
        Outage? second = null;
        for (var i = 0; i < 105; i++)
        {
            _database.Advance(TimeSpan.FromMinutes(1));
            await outages.BeatAsync(Cancellation);
            second = i == 5 ? outages.Known[^1] : second;
        }
        Assert.Equal(100, outages.Known.Length);
        Assert.Equal(second, outages.Known[0]);
    }

    public async ValueTask InitializeAsync() => _database = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();
}
