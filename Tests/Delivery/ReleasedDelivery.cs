using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Maestro.Approvals;
using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>One silo for all cases of a class, with a first release live in production, and changes that stay at a stage.</summary>
public sealed class ReleasedDelivery : IAsyncLifetime
{
    internal const string BuildScript = "set -eu\nmkdir -p out\ncp app/* out/\ncp settings.txt out/\n";
    private const string TestScript = "set -eu\ntest -s settings.txt\n";

    internal TestDelivery Delivery { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Delivery = await TestDelivery.StartAsync(manifest => manifest.Replace("window: 2s", "window: 1s", StringComparison.Ordinal));
        await DeliverAsync("first");
    }

    public ValueTask DisposeAsync() => Delivery.DisposeAsync();

    /// <summary>Takes a change of this name all the way.</summary>
    /// <returns>The deployment.</returns>
    internal async Task<string> DeliverAsync(string name)
    {
        var id = await Delivery.OpenAsync(name, Plain(name));
        var view = await Delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal($"200 version {name}", await TestDelivery.AskAsync(Delivery.ProductionPort));
        return id;
    }

    internal static (string Path, string Content) Plain(string version) => ("settings.txt", $"version={version}\n");

    /// <summary>A change that comes to this stage and gets no further before the gate or the work that holds it.</summary>
    internal static (string Path, string Content)[] Held(Stage stage, string version) => stage switch
    {
        Stage.AllowRun => [Plain(version), ("CODEOWNERS", $"* @{version}\n")],
        Stage.Review or Stage.Build or Stage.PlanStaging => [Plain(version), ("build.sh", $"{BuildScript}sleep 60\n")],
        Stage.Test or Stage.Scan or Stage.ProvisionStaging => [Plain(version), ("test.sh", $"{TestScript}sleep 60\n")],
        Stage.StagingPlanReview => [Plain(version), Declared($"held/{version}.txt")],
        Stage.DeployStaging => [("settings.txt", $"version={version}\ndeaf=staging\n")],
        Stage.ProvisionProduction or Stage.Promote => [("settings.txt", $"version={version}\ndeaf=production\n")],
        _ => [Plain(version)],
    };

    internal static (string Path, string Content) Declared(string file) =>
        ("infrastructure/shared.yaml", $"version: 1\nresources:\n  - directory: {Path.GetDirectoryName(file)}\n  - file: {file}\n    content: \"declared\"\n");

    /// <summary>Waits until the stage has begun, answering the gates before it.</summary>
    internal async Task<DeploymentView> ReachAsync(string id, Stage stage)
    {
        var view = await Delivery.UntilAnsweringAsync(id, view => view.Outcome is not null || Status(view, stage) != "pending", request =>
            request.Stage < stage ? true : null);
        Assert.True(Status(view, stage) != "pending", $"It did not come to {stage}:\n{TestDelivery.Describe(view)}");
        return view;
    }

    internal async Task<ApprovalRequest> QuestionAsync(string id, Stage stage)
    {
        await ReachAsync(id, stage);
        ApprovalRequest? request = null;
        var view = await Delivery.UntilAsync(id, view =>
            view.Outcome is not null || view.Waits.Any(wait => wait.Owner.StartsWith("team ", StringComparison.Ordinal)));
        var started = TimeProvider.System.GetTimestamp();
        while ((request = await Delivery.QuestionAsync(id)) is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"Nobody is asked:\n{TestDelivery.Describe(view)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        return request;
    }

    /// <summary>Sets how long production is watched, for changes that are opened from now on.</summary>
    internal async Task WatchAsync(string window)
    {
        var manifest = await TestRepository.GitAsync(Delivery.Repository.Path, "show", "main:maestro.yaml");
        await Delivery.Repository.PushAsync("main", ("maestro.yaml", Regex.Replace(manifest, "window: .*", $"window: {window}")));
    }

    internal static string Status(DeploymentView view, Stage stage) => view.Stages.Single(row => row.Stage == stage).Status;

    /// <summary>A request that the live release has not answered yet; it keeps Finish waiting until it is given up.</summary>
    internal async Task<IDisposable> BusyAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Delivery.ProductionPort);
        await client.GetStream().WriteAsync("GET /work?id=busy&ms=120000 HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await TestDelivery.AskAsync(Delivery.ProductionPort);
        return client;
    }

    /// <summary>Nothing of the attempt is left: no process, no lock, no place in a queue, no question.</summary>
    internal async Task GoneAsync(string id, int attempt)
    {
        var holder = $"{id}/a{attempt}";
        Assert.DoesNotContain(Delivery.Running(), effect => effect.StartsWith($"{holder}/", StringComparison.Ordinal));
        foreach (var name in new[] { "staging", "production" })
        {
            var view = await Delivery.EnvironmentAsync(name);
            Assert.NotEqual(holder, view.LockHolder);
            Assert.DoesNotContain(holder, view.Queue);
            Assert.DoesNotContain(view.Before.Append(view.Live).Append(view.InFlight), release =>
                release is not null && release.Effect.StartsWith($"{holder}/", StringComparison.Ordinal));
        }
        Assert.False(await Delivery.QuestionAsync(id) is { } request && request.Attempt == attempt, "Its question is still at the desk.");
    }
}
