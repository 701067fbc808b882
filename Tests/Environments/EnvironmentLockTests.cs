using CsCheck;
using Maestro.Identity;

namespace Maestro.Environments;

/// <summary>The lock alone: who has it, who is next, and that tokens only rise.</summary>
public sealed class EnvironmentLockTests
{
    private static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset RunOut = Noon + EnvironmentLock.Lease + TimeSpan.FromSeconds(1);

    private readonly EnvironmentState _state = new();

    [Fact]
    public void The_first_holder_gets_it_and_the_next_waits_in_order()
    {
        Assert.Equal(new LockGrant(true, 1, 0, "a"), _state.Acquire("a", Noon));
        Assert.Equal(new LockGrant(false, 0, 1, "a"), _state.Acquire("b", Noon));
        Assert.Equal(new LockGrant(false, 0, 2, "a"), _state.Acquire("c", Noon));
        Assert.Equal(new LockGrant(false, 0, 1, "a"), _state.Acquire("b", Noon));
        Assert.Equal(new LockGrant(true, 1, 0, "a"), _state.Acquire("a", Noon));
    }

    [Fact]
    public void A_lease_that_ran_out_goes_to_the_first_in_the_queue_only()
    {
        _state.Acquire("a", Noon);
        _state.Acquire("b", Noon);
        _state.Acquire("c", Noon);
        Assert.False(_state.Acquire("c", RunOut).Granted);
        Assert.Equal(new LockGrant(true, 2, 0, "b"), _state.Acquire("b", RunOut));
        Assert.Equal("environment.token-old", Refused.By(() => _state.CheckToken(1)));
        Assert.Null(Refused.By(() => _state.CheckToken(2)));
        Assert.Equal(2, _state.Acquire("a", RunOut).Place);
    }

    [Fact]
    public void Nobody_takes_over_while_the_lease_runs()
    {
        _state.Acquire("a", Noon);
        Assert.False(_state.Acquire("b", Noon + EnvironmentLock.Lease).Granted);
        Assert.True(_state.Acquire("a", RunOut).Granted);
        Assert.False(_state.Acquire("b", RunOut).Granted);
    }

    [Fact]
    public void A_fence_has_one_token_for_one_purpose()
    {
        var held = _state.Acquire("a", Noon).Token;
        var first = _state.Fence("a", "undo", Noon);
        Assert.True(first.Granted && first.Token > held);
        Assert.Equal(first, _state.Fence("a", "undo", Noon));
        Assert.True(_state.Fence("a", "other", Noon).Token > first.Token);
        Assert.Equal("environment.token-old", Refused.By(() => _state.CheckToken(first.Token)));
        Assert.False(_state.Fence("b", "undo", Noon).Granted);
    }

    [Fact]
    public void The_same_purpose_of_another_holder_has_another_token()
    {
        var first = _state.Fence("a", "undo", Noon).Token;
        _state.Release("a");
        Assert.True(_state.Fence("b", "undo", Noon).Token > first);
    }

    [Fact]
    public void Releasing_what_is_not_held_is_success_and_leaves_the_queue()
    {
        _state.Release("nobody");
        _state.Acquire("a", Noon);
        _state.Acquire("b", Noon);
        _state.Acquire("c", Noon);
        _state.Release("b");
        _state.Release("b");
        Assert.Equal(("a", 1L), (_state.Holder, _state.Token));
        _state.Release("a");
        Assert.Equal(new LockGrant(true, 2, 0, "c"), _state.Acquire("c", Noon));
    }

    /// <summary>An order that comes twice, the second time late, must not take what the attempt needs no more, and keep others out.</summary>
    [Fact]
    public void Who_gave_the_lock_back_takes_it_again_only_to_take_something_back()
    {
        _state.Acquire("a", Noon);
        _state.Release("a");
        _state.Release("cancelled");
        Assert.Equal("environment.left", Refused.By(() => _state.Acquire("a", Noon)));
        Assert.Equal("environment.left", Refused.By(() => _state.Acquire("cancelled", Noon)));
        Assert.True(_state.Acquire("b", Noon).Granted);
        _state.Release("b");
        Assert.True(_state.Fence("a", "undo", Noon).Granted);
    }

    [Fact]
    public void A_lock_that_is_free_goes_to_the_first_in_the_queue_only()
    {
        _state.Acquire("a", Noon);
        _state.Acquire("b", Noon);
        _state.Release("a");
        Assert.Equal(new LockGrant(false, 0, 2, "b"), _state.Acquire("late", Noon));
        Assert.True(_state.Acquire("b", Noon).Granted);
    }

    [Fact]
    public void A_full_queue_refuses_one_more_and_keeps_those_who_wait()
    {
        _state.Acquire("a", Noon);
        for (var number = 0; number < EnvironmentLock.MaxQueue; number++)
        {
            Assert.Equal(number + 1, _state.Acquire($"w{number}", Noon).Place);
        }
        Assert.Equal("environment.queue-full", Refused.By(() => _state.Acquire("late", Noon)));
        Assert.Equal(EnvironmentLock.MaxQueue, _state.Queue.Count);
        Assert.Equal(1, _state.Acquire("w0", Noon).Place);
    }

    [Fact]
    public void Whatever_happens_tokens_rise_and_one_holds() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 90]).Array[0, 60].Sample(steps =>
        {
            var (state, now, granted) = (new EnvironmentState(), Noon, new Dictionary<long, string>());
            foreach (var (what, who, seconds) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                var (holder, token) = ($"h{who}", state.Token);
                var first = state.Queue.Find(waiting => waiting.Holder == holder || waiting.SeenAt + EnvironmentLock.Patience >= now)?.Holder;
                var (before, free) = (state.Holder, state.Holder is null || state.LeaseUntil < now);
                var grant = what switch
                {
                    0 => state.Left.Contains(holder) ? null : state.Acquire(holder, now),
                    1 => state.Fence(holder, "undo", now),
                    2 => state.Fence(holder, "other", now),
                    _ => Release(state, holder),
                };
                if (state.Token < token || state.Queue.DistinctBy(waiting => waiting.Holder).Count() != state.Queue.Count
                    || (state.Holder is { } now1 && state.Queue.Any(waiting => waiting.Holder == now1)))
                {
                    return false;
                }
                if (grant is { Granted: true } && (grant.Token != state.Token || state.Holder != holder
                    || !granted.TryAdd(grant.Token, holder) && granted[grant.Token] != holder))
                {
                    return false;
                }
                if (what == 0 && grant is { Granted: true } && before != holder && !(free && (first is null || first == holder)))
                {
                    return false;
                }
            }
            return true;
        });

    private static LockGrant? Release(EnvironmentState state, string holder)
    {
        state.Release(holder);
        return null;
    }
}
