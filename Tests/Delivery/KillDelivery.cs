using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Delivery;

/// <summary>Watches a deployment's log from outside the silo, kills the silo at chosen moments, and starts it again.</summary>
/// <param name="log">The deployments' log, read beside the silos.</param>
/// <param name="strike">Kills what shall be killed.</param>
internal sealed class KillDelivery(TestDelivery delivery, IDeploymentLog log, Func<Task> strike)
{
    private const int LongestLog = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);
    private static readonly ImmutableHashSet<Stage> Desks = [Stage.AllowRun, Stage.StagingPlanReview, Stage.Approval];
    private readonly HashSet<string> _answered = [];
    private bool _connected = true;

    /// <summary>How often the silo was killed.</summary>
    public int Kills { get; private set; }

    public async Task<KillLog> ReadAsync(string deployment)
    {
        var stored = await log.ReadAsync(DeploymentId.Parse(deployment), 1, LongestLog, TestContext.Current.CancellationToken);
        return new(deployment, [.. stored.Select(row => row.Number)], [.. stored.Select(row => row.Entry)]);
    }

    /// <summary>Runs the deployment to its end and kills the silo at each moment, until the moment was really hit.</summary>
    /// <param name="moments">Taken out one by one: a moment counts only if it still is after the silo is dead.</param>
    public async Task<KillLog> RunAsync(string deployment, Dictionary<string, Func<KillLog, bool>> moments)
    {
        var started = TimeProvider.System.GetTimestamp();
        KillLog now;
        while (!(now = await ReadAsync(deployment)).IsClosed)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"{deployment} did not end: {string.Join(' ', now.Entries.TakeLast(3))}");
            if (moments.Values.Any(isNow => isNow(now)))
            {
                await KillAsync(deployment, moments);
            }
            else if (now.InFlight is { Count: > 0 } stages && Desks.IsSupersetOf(stages))
            {
                await AnswerAsync(deployment);
            }
            await Task.Delay(Look, TimeProvider.System);
        }
        return now;
    }

    /// <summary>Connects the people's consoles if they are not.</summary>
    public async Task ConnectAsync()
    {
        if (!_connected)
        {
            await delivery.ConnectAsync();
            _connected = true;
        }
    }

    private async Task KillAsync(string deployment, Dictionary<string, Func<KillLog, bool>> moments)
    {
        await strike();
        (Kills, _connected) = (Kills + 1, false);
        var left = await ReadAsync(deployment);
        foreach (var (name, isNow) in moments.ToList())
        {
            if (isNow(left))
            {
                moments.Remove(name);
            }
        }
        await delivery.StartSiloAsync();
    }

    private async Task AnswerAsync(string deployment)
    {
        await ConnectAsync();
        if (await delivery.QuestionAsync(deployment) is { } request && _answered.Add(request.Nonce))
        {
            await delivery.DecideAsync(request, approved: true);
        }
    }
}
