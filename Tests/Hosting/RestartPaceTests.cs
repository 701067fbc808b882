using Maestro.Outside;

namespace Maestro.Hosting;

/// <summary>A live release that keeps ending is started again less and less often.</summary>
public sealed class RestartPaceTests
{
    private static readonly EnvironmentKey Production = new("shop", "production");
    private readonly Clock _clock = new();

    [Fact]
    public void One_that_ends_at_once_is_started_about_every_five_minutes_in_the_end()
    {
        var (pace, starts, told) = (new RestartPace(_clock), 0, 0);
        for (var second = 0; second < 3600; second++, _clock.Advance(TimeSpan.FromSeconds(1)))
        {
            if (pace.IsDue(Production, "e1"))
            {
                starts++;
                told += pace.Note(Production, "e1") ? 1 : 0;
            }
        }
        Assert.Equal((20, 1), (starts, told));
    }

    [Fact]
    public void One_that_ran_for_a_minute_and_another_release_begin_anew()
    {
        var pace = new RestartPace(_clock);
        for (var time = 0; time < 6; time++)
        {
            pace.Note(Production, "e1");
        }
        Assert.False(pace.IsDue(Production, "e1"));
        Assert.True(pace.IsDue(Production, "e2"));
        Assert.True(pace.IsDue(new("shop", "staging"), "e1"));
        _clock.Advance(TimeSpan.FromSeconds(20));
        pace.NoteRunning(Production);
        Assert.False(pace.IsDue(Production, "e1"));
        _clock.Advance(RestartPace.Calm);
        pace.NoteRunning(Production);
        Assert.True(pace.IsDue(Production, "e1"));
        Assert.False(pace.Note(Production, "e1"));
        _clock.Advance(RestartPace.First);
        Assert.True(pace.IsDue(Production, "e1"));
    }
}
