using System.Collections.Immutable;
using Maestro.Anomalies;
using Maestro.Connection;

namespace Maestro.Client;

/// <summary>What <c>maestro senders</c> prints.</summary>
public sealed class SendersVerbTests
{
    private const string Key = "senders/main";

    private static readonly ImmutableArray<SenderView> Views =
    [
        new("role:control", "role:review", 1.25, 30, 0, null, null),
        new("role:review", "role:control", 0, null, 0, SampleViews.Now - TimeSpan.FromMinutes(5), AnomalyCodes.RateLimit),
        new(Tally.Unverified, "role:control", 0, null, 17, null, null),
    ];

    [Fact]
    public async Task It_says_who_sends_what_to_whom_and_who_is_cut_off_since_when_and_why()
    {
        var run = await ConsoleRun.OfAsync(Silo(), "senders");
        Assert.Equal(ExitCode.Done, run.ExitCode);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).ToArray();
        Assert.Equal(4, lines.Length);
        Assert.Matches("role:control +role:review +1.3 +≤ 30 +0 +no", lines[1]);
        Assert.Matches("role:review +role:control +0 +not known yet +0 +for 5m.*: anomaly.rate-limit", lines[2]);
        Assert.Matches("unverified +role:control +0 +not known yet +17 +no", lines[3]);
    }

    [Fact]
    public async Task For_scripts_it_is_a_document()
    {
        var run = await ConsoleRun.OfAsync(Silo(), "senders", "-o", "json");
        Assert.Contains("\"cutSince\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"schemaVersion\": 1", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lifting_needs_a_reason_and_says_what_it_did()
    {
        var silo = Silo().With<ISendersGrain>(Key, "LiftAsync", asked => Task.FromResult((string?)asked[0] == "review" ? 1 : 0));
        Assert.Equal(ExitCode.Usage, (await ConsoleRun.OfAsync(silo, "senders", "lift", "review")).ExitCode);
        Assert.DoesNotContain(silo.Asked, asked => asked.Contains("LiftAsync", StringComparison.Ordinal));

        var run = await ConsoleRun.OfAsync(silo, "senders", "lift", "review", "--reason", "it was a drill");
        Assert.Equal((ExitCode.Done, true), (run.ExitCode, run.Out.Contains("is heard again", StringComparison.Ordinal)));
        Assert.Contains("was not cut off", (await ConsoleRun.OfAsync(silo, "senders", "lift", "build", "--reason", "none")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limits_are_set_when_a_silo_starts()
    {
        var run = await ConsoleRun.OfAsync(Silo(), "up", "--message-limit", "0");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--message-limit takes a number from 10", run.Error, StringComparison.Ordinal);
    }

    private static SpokenSilo Silo() => new SpokenSilo().With<ISendersGrain>(Key, "ListAsync", _ => Task.FromResult(Views));
}
