using System.Text.RegularExpressions;
using Maestro.Approvals;
using Maestro.Client;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Delivery;

[CollectionDefinition(nameof(BadInputSilo))]
public sealed class BadInputCases : ICollectionFixture<BadInputSilo>;

/// <summary>One silo for all cases of bad input, with a release in production that none of them may harm.</summary>
public sealed partial class BadInputSilo : IAsyncLifetime
{
    private static readonly string[] Internals = ["Exception", "Orleans", "   at ", "/home/", ".cs:line"];
    private int _version;

    internal TestDelivery Delivery { get; private set; } = null!;

    internal BadInputRepository Repository { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Delivery = await TestDelivery.StartAsync();
        Repository = new(Delivery.Repository.Path);
        await OrdinaryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Delivery is not null)
        {
            await Delivery.DisposeAsync();
        }
    }

    /// <summary>A branch to open onto whose manifest is another one; null for none.</summary>
    internal void Base(string branch, Func<string, string?> manifest, params (string Name, string? Content)[] files) =>
        Repository.Commit(branch, "main", [("maestro.yaml", manifest(Delivery.Repository.Manifest)), .. files]);

    internal Task<string> OpenAsync(string head, string onto = "main", string application = TestDelivery.Application) =>
        Delivery.Author.Grain<IGatewayGrain>("gateway/local").OpenAsync(application, head, onto);

    /// <summary>It is over, this stage says no, what is live goes on serving, and people are told in words.</summary>
    internal async Task<Reason> RefusedAsync(
        string id, Stage stage, string code, Outcome outcome = Outcome.Refused, Func<ApprovalRequest, bool?>? approve = null)
    {
        var view = await Delivery.DeliverAsync(id, approve);
        var reason = view.Stages.Single(row => row.Stage == stage).Reason;
        Assert.True(reason is not null && reason.Code == code && view.Outcome == outcome, $"{TestDelivery.Describe(view)}\n{reason}");
        IsClear(reason);
        var shown = await ConsoleAsync("reviewer", "get", id);
        Assert.Equal(ExitCode.Done, shown.ExitCode);
        Assert.Contains(reason.Rule, shown.Out, StringComparison.Ordinal);
        Assert.Contains(reason.WayOut, shown.Out, StringComparison.Ordinal);
        IsForPeople(shown);
        await StillServesAsync();
        return reason;
    }

    /// <summary>A person is asked, is told what could not be read, and says no.</summary>
    internal async Task RejectedByPersonAsync(string id, string told)
    {
        await Delivery.UntilAsync(id, view => view.Stages.Any(row => row is { Stage: Stage.AllowRun, Status: "running" or "refused" }));
        ApprovalRequest? asked = null;
        await RefusedAsync(id, Stage.AllowRun, "approval.rejected", approve: request => (asked = request) is null);
        Assert.Contains(asked!.Findings, finding => finding.Message.Contains(told, StringComparison.Ordinal));
    }

    /// <summary>The command is refused at once, with the whole reason in one sentence.</summary>
    internal async Task<Reason> RefusedToOpenAsync(
        string code, string head, string onto = "main", string application = TestDelivery.Application)
    {
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => OpenAsync(head, onto, application));
        Assert.Equal(code, refusal.Reason.Code);
        IsClear(refusal.Reason);
        await StillServesAsync();
        return refusal.Reason;
    }

    internal async Task StillServesAsync() => Assert.Equal($"200 version {_version}", await TestDelivery.AskAsync(Delivery.ProductionPort));

    /// <summary>A change like any other still goes to production.</summary>
    internal async Task OrdinaryAsync()
    {
        _version++;
        var view = await Delivery.DeliverAsync(await Delivery.OpenAsync($"ordinary{_version}", ("settings.txt", $"version={_version}\n")));
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        await StillServesAsync();
    }

    internal Task<ConsoleRun> ConsoleAsync(string person, params string[] arguments)
    {
        var connector = new SiloConnector(TimeProvider.System, (builder, _) => builder.AddIdentity(Delivery.Key(person)));
        return ConsoleRun.OfAsync(connector, [.. arguments, "--data", Delivery.Data]);
    }

    /// <summary>Nothing that a terminal obeys, and nothing of Maestro's inside.</summary>
    internal static void IsForPeople(ConsoleRun run)
    {
        var said = run.Out + run.Error;
        Assert.DoesNotMatch(Obeyed(), said);
        Assert.All(Internals, inside => Assert.DoesNotContain(inside, said, StringComparison.Ordinal));
    }

    internal static void IsClear(Reason reason) =>
        Assert.All(
            [reason.Rule, reason.Expected, reason.Found, reason.WayOut],
            part => Assert.False(string.IsNullOrWhiteSpace(part), reason.ToString()));

    [GeneratedRegex("[\\p{Cc}\\p{Cf}-[\\n]]")]
    private static partial Regex Obeyed();
}
