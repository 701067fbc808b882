using System.Collections.Immutable;
using Maestro.Edge;

namespace Maestro.Chaos;

/// <summary>Every check is shown a history with one bug planted: it, and it alone, must find it.</summary>
public sealed class HistoryChecksTests
{
    private static readonly ImmutableDictionary<string, (string Check, Func<History, History> Plant)> Bugs =
        new Dictionary<string, (string, Func<History, History>)>
        {
            ["doubled effect"] = ("each effect at most once per approval", history => history with { Applied = history.Applied.Add(history.Applied[1]) }),
            ["doubled switch"] = ("each effect at most once per approval", history => history with
            {
                Switches = history.Switches.Insert(4, history.Switches[3]),
            }),
            ["doubled build"] = ("each effect at most once per approval", history => history with { Builds = history.Builds.Add(history.Builds[0]) }),
            ["effect that nobody approved"] = ("no effect without cause", history => history with
            {
                Switches = history.Switches.Insert(0, SampleHistory.Switch(SampleHistory.Production, 0, null, "pr/local/drill/storm-0/9/a1/Promote")),
            }),
            ["build that nobody began"] = ("no effect without cause", history => history with { Builds = history.Builds.Add("drill/work/other/1/root/tree") }),
            ["lost deployment"] = ("no lost deployment", history => history with
            {
                Results = [history.Results[0] with { Deployment = "pr/local/drill/storm-0/7" }, history.Results[1]],
            }),
            ["no compare-and-set"] = ("monotonic stages", history => history.With(SampleHistory.Good, log =>
                [.. log[..5], log[5], log[5] with { Number = 6, Writer = "silo-2/b" }, .. log[6..].Select(line => line with { Writer = "silo-2/b" })])),
            ["entry that was overwritten"] = ("monotonic stages", history => history.With(SampleHistory.Good, log =>
                [.. log[..2], log[4] with { Number = 3 }, .. log[3..]])),
            ["head that is not the log's"] = ("monotonic stages", history => history with
            {
                Deployments = [history.Deployments[0] with { Snapshot = history.Deployments[1].Snapshot }, history.Deployments[1]],
            }),
            ["two in production"] = ("exclusive environment lock", history => history with
            {
                Deployments = [history.Deployments[0], history.Deployments[1] with
                {
                    Log = [.. history.Deployments[1].Log.Select(line => line with { At = line.At.AddHours(-1).AddSeconds(1) })],
                }],
            }),
            ["broken ledger chain"] = ("gap-free ledger", history => history with { Ledger = history.Ledger.RemoveAt(7) }),
            ["fact that was never told"] = ("gap-free ledger", history => history with { Outbox = ["log/pr/local/drill/storm-0/1/9"] }),
            ["bad release left serving"] = ("rollback to the last good release", history => history with { Switches = history.Switches.RemoveAt(9) }),
            ["another outcome"] = ("convergence to the fault-free outcome", history => history with
            {
                Results = [history.Results[0] with { Serves = "200 version 9" }, history.Results[1]],
            }),
            ["lost webhook"] = ("acknowledged webhooks kept", history => history with { Inbox = [] }),
            ["webhook handed on twice"] = ("acknowledged webhooks kept", history => history with { Inbox = [new("delivery-1", 2)] }),
            ["no fence"] = ("no zombie writes", history => history with
            {
                Switches = history.Switches.Add(SampleHistory.Switch(SampleHistory.Staging, 1, null, SampleHistory.Effect(SampleHistory.Good, "DeployStaging"),
                    "already")),
            }),
            ["entry of a silo that was replaced"] = ("no zombie writes", history => history.With(SampleHistory.Good, log =>
                [.. log[..9], log[9] with { Writer = "silo-2/b" }, .. log[10..]])),
        }.ToImmutableDictionary();

    public static TheoryData<string> Planted => [.. Bugs.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void A_history_without_a_bug_offends_no_check() => Assert.Empty(HistoryChecks.Run(SampleHistory.Make()));

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_bug_fails_its_own_check_and_no_other(string bug)
    {
        var (check, plant) = Bugs[bug];

        var offences = HistoryChecks.Run(plant(SampleHistory.Make()));

        Assert.Equal([check], offences.Select(offence => offence.Check).Distinct());
    }

    [Fact]
    public void Every_check_has_a_bug_that_it_finds() =>
        Assert.Equal(HistoryChecks.All.Select(check => check.Name).Order(), Bugs.Values.Select(bug => bug.Check).Distinct().Order());

    /// <summary>A silo that was taken for dead switches with the token it still has; the same edge without its fence lets it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_edge_without_its_fence_is_found_out_by_its_own_journal(bool fenced)
    {
        await using var home = await EdgeHome.HostAsync(fenced ? null : new OpenRules());
        await using var backend = await Backend.StartAsync("any");
        await home.SwitchAsync(5, null, "new", backend.Address);
        var late = home.SwitchAsync(4, "new", "old", backend.Address);

        if (fenced)
        {
            await Refusal.OfAsync("edge.token-old", late);
        }
        else
        {
            await late;
        }

        var offences = LockChecks.Zombies(SampleHistory.Make() with { Switches = [.. home.Journal] });
        Assert.Equal(fenced, !offences.Any());
        Assert.Equal(fenced, home.Journal[^1].Outcome == "token-old");
    }
}
