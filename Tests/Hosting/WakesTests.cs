using System.Collections.Concurrent;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Hosting;

/// <summary>Wakes that fail or hang, among others that do not.</summary>
public sealed class WakesTests
{
    private readonly Clock _clock = new();
    private readonly ConcurrentQueue<DeploymentId> _woken = new();
    private readonly ConcurrentQueue<DeploymentId> _failed = new();
    private readonly ConcurrentDictionary<DeploymentId, DateTimeOffset> _due = [];
    private readonly TaskCompletionSource _never = new();
    private int _deaths;
    private int _room;

    [Fact]
    public void Those_that_always_fail_starve_nobody()
    {
        var wakes = Make(deployment => deployment.Number <= 200 ? Task.FromException(new TimeoutException("no")) : Task.CompletedTask);
        var due = Enumerable.Range(1, 300).Select(Of).ToList();
        for (var round = 0; round < 5; round++)
        {
            wakes.Begin([.. due.Take(wakes.Reach)]);
        }
        Assert.Contains(Of(201), _woken);
        Assert.Equal(200, _failed.Distinct().Count());
    }

    [Fact]
    public void One_that_fails_is_tried_later_and_later_and_at_once_again_after_it_succeeded()
    {
        var fails = true;
        var wakes = Make(_ => fails ? Task.FromException(new TimeoutException("no")) : Task.CompletedTask);
        for (var second = 0; second < 300; second++, _clock.Advance(TimeSpan.FromSeconds(1)))
        {
            wakes.Begin([Of(1)]);
        }
        // At 0, 1, 2, 3, 5, 9, 17, 33, 65 and then every minute.
        Assert.Equal(12, _woken.Count);
        fails = false;
        _clock.Advance(Wakes.LongestRest);
        wakes.Begin([Of(1)]);
        wakes.Begin([Of(1)]);
        Assert.Equal(14, _woken.Count);
    }

    [Fact]
    public void One_that_rests_is_tried_at_once_when_a_silo_died()
    {
        var wakes = Make(_ => Task.FromException(new TimeoutException("no")));
        wakes.Begin([Of(1)]);
        wakes.Begin([Of(1)]);
        Assert.Single(_woken);
        _deaths++;
        wakes.Begin([Of(1)]);
        Assert.Equal(2, _woken.Count);
    }

    [Fact]
    public async Task One_whose_wake_ended_with_the_silo_that_died_does_not_rest()
    {
        var ended = new TaskCompletionSource();
        var wakes = Make(_ => _deaths == 0 ? ended.Task : Task.CompletedTask);
        wakes.Begin([Of(1)]);
        _deaths++;
        ended.SetException(new TimeoutException("no"));
        await Eventually.IsTrueAsync(() => Task.FromResult(_room == 1 && _failed.Count == 1));
        Assert.Equal(_clock.GetUtcNow(), _due[Of(1)]);
        wakes.Begin([Of(1)]);
        Assert.Equal(2, _woken.Count);
    }

    [Fact]
    public async Task One_that_hangs_delays_nobody_and_gives_its_place_back()
    {
        var wakes = Make(deployment => deployment.Number <= Wakes.AtOnce ? _never.Task : Task.CompletedTask, TimeSpan.FromMilliseconds(300));
        wakes.Begin([Of(1)]);
        wakes.Begin([Of(1), Of(100)]);
        Assert.Equal([Of(1), Of(100)], _woken);
        wakes.Begin([.. Enumerable.Range(1, 200).Select(Of)]);
        Assert.Equal(Wakes.AtOnce + 1, _woken.Distinct().Count());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!_woken.Contains(Of(200)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            wakes.Begin([.. Enumerable.Range(1, 200).Select(Of)]);
        }
    }

    [Fact]
    public void Those_that_were_woken_longest_ago_are_next()
    {
        var wakes = Make(_ => Task.CompletedTask);
        var due = Enumerable.Range(1, 100).Select(Of).ToList();
        wakes.Begin(due);
        wakes.Begin(due);
        Assert.Equal(100, _woken.Distinct().Count());
        Assert.Equal(Of(1), _woken.ElementAt(100));
    }

    [Fact]
    public void What_is_no_longer_due_is_forgotten()
    {
        var wakes = Make(_ => Task.FromException(new TimeoutException("no")));
        wakes.Begin([.. Enumerable.Range(1, 60).Select(Of)]);
        Assert.Equal(60 + Wakes.AtOnce, wakes.Reach);
        _clock.Advance(Wakes.FirstRest + Wakes.LongestRest + TimeSpan.FromSeconds(1));
        wakes.Begin([]);
        Assert.Equal(Wakes.AtOnce, wakes.Reach);
    }

    [Fact]
    public void However_many_always_fail_the_others_are_reached()
    {
        const int failing = Wakes.Most + 500;
        var wakes = Make(deployment => deployment.Number <= failing ? Task.FromException(new TimeoutException("no")) : Task.CompletedTask);
        for (var number = 1; number <= failing + 1; number++)
        {
            _due[Of(number)] = DateTimeOffset.MinValue.AddSeconds(number);
        }
        for (var second = 0; second < 200 && !_woken.Contains(Of(failing + 1)); second++, _clock.Advance(TimeSpan.FromSeconds(1)))
        {
            var now = _clock.GetUtcNow();
            wakes.Begin([.. _due.Where(pair => pair.Value <= now).OrderBy(pair => pair.Value).Select(pair => pair.Key).Take(wakes.Reach)]);
        }
        Assert.Contains(Of(failing + 1), _woken);
    }

    [Fact]
    public void One_that_was_put_off_rests_longer_each_time()
    {
        var wakes = Make(_ => Task.FromException(new TimeoutException("no")));
        _due[Of(1)] = DateTimeOffset.MinValue;
        for (var second = 0; second < 300; second++, _clock.Advance(TimeSpan.FromSeconds(1)))
        {
            wakes.Begin(_due[Of(1)] <= _clock.GetUtcNow() ? [Of(1)] : []);
        }
        Assert.Equal(12, _woken.Count);
    }

    private Wakes Make(Func<DeploymentId, Task> wake, TimeSpan? within = null) => new(
        deployment =>
        {
            _woken.Enqueue(deployment);
            return wake(deployment);
        },
        (deployment, _, rest) =>
        {
            _failed.Enqueue(deployment);
            _due[deployment] = _clock.GetUtcNow() + rest;
        }, () => _room++, () => _deaths, _clock)
    { Within = within ?? TimeSpan.FromSeconds(10) };

    private static DeploymentId Of(int number) => DeploymentId.Of("local", "acme", "shop", number);
}
