using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>What a person at the silo's terminal gets to read of its log.</summary>
public sealed class TerminalLogTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly StringWriter _terminal = new();
    private readonly TerminalLog _log;

    public TerminalLogTests() => _log = new(_terminal, _clock);

    [Fact]
    public void A_failure_of_a_moment_is_not_said_and_a_lasting_one_once_without_its_trace()
    {
        Fail("Maestro.Hosting.Waker");
        Assert.Empty(_terminal.ToString());

        for (var second = 0; second < 30; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Fail("Maestro.Hosting.Waker");
        }

        var line = Assert.Single(_terminal.ToString().Trim().Split('\n'));
        Assert.Contains("The waker failed. The reason is in silo.log", line, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_failures_far_apart_are_two_moments()
    {
        Fail("Maestro.Hosting.Waker");
        _clock.Advance(TerminalLog.Over);
        Fail("Maestro.Hosting.Waker");

        Assert.Empty(_terminal.ToString());
    }

    [Fact]
    public void A_failure_that_comes_back_after_the_longest_rest_is_said()
    {
        Fail("Maestro.Hosting.Waker");
        _clock.Advance(Wakes.LongestRest + Wakes.LongestWake + TimeSpan.FromSeconds(1));
        Fail("Maestro.Hosting.Waker");

        Assert.Contains("The waker failed", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_Maestros_own_sentences_are_said_and_each_once_a_minute()
    {
        Say("Orleans.Messaging", "Connection reset");
        Say("Maestro.Identity.LoggedDenials", "Refused a call");
        Say("Maestro.Audit.Refusals", "message.dropped for pr/local/acme/shop/1");
        Say("Maestro.Hosting.LiveReleases", "r1 is started \e[2Jagain");
        Say("Maestro.Hosting.LiveReleases", "r1 is started \e[2Jagain");

        var line = Assert.Single(_terminal.ToString().Trim().Split('\n'));
        Assert.Contains("r1 is started", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', line);
    }

    public void Dispose()
    {
        _log.Dispose();
        _terminal.Dispose();
    }

    private void Say(string category, string sentence) => Write(category, LogLevel.Warning, sentence, null);

    private void Fail(string category) => Write(category, LogLevel.Error, "The waker failed", new InvalidOperationException("planted"));

    private void Write(string category, LogLevel level, string sentence, Exception? failure) =>
        _log.CreateLogger(category).Log(level, default, sentence, failure, (said, _) => said);
}
