using CsCheck;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Environments;

/// <summary>The history alone: what becomes live, what comes back, and that doing it twice is doing it once.</summary>
public sealed class EnvironmentHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EnvironmentState _state = new();

    [Fact]
    public void What_was_begun_becomes_live_once()
    {
        _state.Begin(Of("e1"));
        var live = _state.Complete("e1");
        Assert.Equal("r1", live.Id);
        Assert.Equal(live, _state.Complete("e1"));
        _state.Begin(Of("e1"));
        Assert.Null(_state.InFlight);
        Assert.Equal((1L, 0), (_state.Releases, _state.Before.Count));
    }

    [Fact]
    public void Only_what_was_begun_becomes_live()
    {
        Assert.Equal("environment.not-in-flight", Refused.By(() => _state.Complete("e1")));
        _state.Begin(Of("e2"));
        Assert.Equal("environment.not-in-flight", Refused.By(() => _state.Complete("e1")));
        Assert.Null(_state.Live);
    }

    [Fact]
    public void The_release_before_comes_back_and_what_was_taken_back_does_not()
    {
        Live("e1", "e2");
        _state.Restore("e2", "r1", served: true, "why", Noon);
        Assert.Equal(("r1", "e1", "why", Noon), (_state.Live!.Id, _state.Live.Effect, _state.Hold, _state.HeldSince));
        Assert.Empty(_state.Before);
        Assert.Equal(["e2"], _state.Withdrawn);
        Assert.Equal("environment.not-in-flight", Refused.By(() => _state.Complete("e2")));
    }

    /// <summary>Two may act for one undo for a moment, and the second comes when a person has lifted what the first set.</summary>
    [Fact]
    public void A_late_repetition_sets_no_hold_again_that_was_lifted()
    {
        Live("e1", "e2");
        _state.Restore("e2", "r1", served: true, "why", Noon);
        (_state.Hold, _state.HeldSince) = (null, null);

        _state.Restore("e2", "r1", served: true, "why", Noon);

        Assert.Null(_state.Hold);
        Assert.Equal("r1", _state.Live!.Id);
    }

    [Fact]
    public void Restoring_twice_is_restoring_once()
    {
        Live("e1", "e2", "e3");
        _state.Restore("e3", "r2", served: true, null, Noon);
        _state.Restore("e3", "r2", served: true, null, Noon);
        Assert.Equal("r2", _state.Live!.Id);
        Assert.Equal(["r1"], _state.Before.Select(release => release.Id));
        Assert.Equal(["e3"], _state.Withdrawn);
    }

    [Fact]
    public void A_target_further_back_skips_those_between()
    {
        Live("e1", "e2", "e3", "e4");
        _state.Restore("e4", "r2", served: true, null, Noon);
        Assert.Equal("r2", _state.Live!.Id);
        Assert.Equal(["r1"], _state.Before.Select(release => release.Id));
    }

    [Fact]
    public void Taking_the_first_release_back_leaves_nothing_live()
    {
        Live("e1");
        _state.Restore("e1", null, served: true, "why", Noon);
        Assert.Null(_state.Live);
        Assert.Empty(_state.Before);
    }

    [Fact]
    public void What_never_served_is_only_forgotten()
    {
        Live("e1");
        _state.Begin(Of("e2"));
        _state.Restore("e2", "r1", served: false, null, Noon);
        Assert.Equal(("r1", null), (_state.Live!.Id, _state.InFlight));
        Assert.Empty(_state.Withdrawn);
        Assert.Equal("environment.not-in-flight", Refused.By(() => _state.Complete("e2")));
    }

    [Fact]
    public void The_history_is_bounded_and_names_are_never_used_again()
    {
        Live([.. Enumerable.Range(1, 50).Select(number => $"e{number}")]);
        Assert.Equal(EnvironmentHistory.Kept, _state.Before.Count);
        Assert.Equal(("r50", "r49", "r30"), (_state.Live!.Id, _state.Before[0].Id, _state.Before[^1].Id));
        _state.Restore("e50", "r49", served: true, null, Noon);
        Live("e51");
        Assert.Equal("r51", _state.Live.Id);
    }

    [Fact]
    public void Whatever_happens_the_history_is_bounded_and_in_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 5]).Array[0, 120].Sample(steps =>
        {
            var (state, number) = (new EnvironmentState(), 0);
            foreach (var (what, back) in steps)
            {
                switch (what)
                {
                    case 0:
                        state.Begin(Of($"e{++number}"));
                        break;
                    case 1 when state.InFlight is { } release:
                        state.Complete(release.Effect);
                        break;
                    case 2 when state.Live is { } live:
                        state.Restore(live.Effect, state.Before.ElementAtOrDefault(back - 1)?.Id, served: true, null, Noon);
                        break;
                    case 3 when state.InFlight is { } release:
                        state.Restore(release.Effect, state.Live?.Id, served: false, null, Noon);
                        break;
                }
                List<Release> all = [.. state.Live is { } now ? [now] : Array.Empty<Release>(), .. state.Before];
                var numbers = all.Select(release => int.Parse(release.Id.AsSpan(1),
                    System.Globalization.CultureInfo.InvariantCulture)).ToList();
                if (!numbers.SequenceEqual(numbers.Distinct().OrderDescending()) || state.Before.Count > EnvironmentHistory.Kept
                    || state.Withdrawn.Count > EnvironmentHistory.Kept || all.Exists(release => state.Withdrawn.Contains(release.Effect)))
                {
                    return false;
                }
            }
            return true;
        });

    private void Live(params string[] effects)
    {
        foreach (var effect in effects)
        {
            _state.Begin(Of(effect));
            _state.Complete(effect);
        }
    }

    private static Release Of(string effect) => new("", effect, "pr/local/acme/shop/1", 1, Digest.Of("image"u8), new string('a', 40),
        new(["run"], "PORT", []), Noon);
}
