using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Demo;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Hosting;
using Maestro.Outside;

namespace Maestro.Chaos;

/// <summary>One change of a drill: good, or one that becomes unwell while production is watched.</summary>
internal sealed record DrillChange(int Place, int Round)
{
    /// <summary>The first change of every application is good, so that there is a release to go back to.</summary>
    public bool IsBad => Round > 0 && (Place + Round) % 2 == 1;

    public string Expected => Statuses.Name(IsBad ? Outcome.RolledBack : Outcome.Finished);

    public string Branch => FormattableString.Invariant($"change-{Round}");

    public string Version => FormattableString.Invariant($"{Place}.{Round}");
}

/// <summary>Who brings changes.</summary>
internal sealed record DrillSenders(DrillConsole Console, DrillWebhooks Webhooks);

/// <summary>How a change ended.</summary>
/// <param name="Serves">What production answered its users afterwards.</param>
internal sealed record DrillResult(DrillChange Change, string Deployment, string Outcome, string Serves);

/// <summary>One application of a drill: a repository, two environments, and a row of changes to it.</summary>
internal sealed class DrillApplication(string name, int place, DrillFolder folder, DrillSenders senders, DrillDatabase database, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private readonly DemoRepository _repository = new(Path.Combine(folder.Repositories, name));
    private readonly int _production = Ports.Free();
    private readonly int _staging = Ports.Free();

    public string Name => name;

    public string Repository => _repository.Path;

    public List<DrillResult> Results { get; } = [];

    public async Task CreateAsync(CancellationToken cancellation)
    {
        var self = SelfCommand.Current;
        var run = string.Join(", ", new[] { self.Program }.Concat(self.Arguments).Append(DrillRelease.Verb).Select(word => $"'{word}'"));
        await _repository.CreateAsync(new Dictionary<string, string>
        {
            ["maestro.yaml"] = $"""
                version: 1
                application: {name}
                build:
                  command: [sh, build.sh]
                  output: out
                test:
                  command: [sh, test.sh]
                run:
                  command: [{run}]
                health:
                  - path: /healthz
                    body: ok
                    interval: 200ms
                    deadline: 60s
                infrastructure:
                  directory: infrastructure
                  engine: local
                watch:
                  window: 1s
                  failures: 2

                """,
            ["build.sh"] = $"set -eu\npwd >> {folder.Builds}\nmkdir -p out\ncp {DrillRelease.Settings} out/\n",
            ["test.sh"] = $"set -eu\ntest -s {DrillRelease.Settings}\n",
            [DrillRelease.Settings] = "version=none\n",
        }, DemoPeople.AuthorEmail, cancellation);
        await senders.Console.AsReviewerAsync(async silo =>
        {
            await silo.Grain<IApplicationsGrain>("applications/all").AddAsync(new(
                name, "local", "drill", _repository.Path, "shop", "local",
                new(EnvironmentSettings.StagingName, _staging, 1), new(EnvironmentSettings.ProductionName, _production, 1)));
            return true;
        }, cancellation);
    }

    /// <summary>The change under way did not come to an end.</summary>
    public void Lose() => Results.Add(new(new(place, Results.Count), "", LogChecks.LostOutcome, ""));

    /// <summary>Delivers one change to its end.</summary>
    public async Task DeliverAsync(int round, CancellationToken cancellation)
    {
        var change = new DrillChange(place, round);
        var number = FormattableString.Invariant($"pr/local/drill/{name}/{round + 1}");
        var bad = change.IsBad ? $"bad-when={folder.Bad(number)}\n" : "";
        var infrastructure = $"version: 1\nresources:\n  - directory: config\n  - file: config/banner.txt\n    content: \"{change.Version}\"\n";
        await _repository.PushAsync(change.Branch, ImmutableDictionary<string, string>.Empty
            .Add(DrillRelease.Settings, $"version={change.Version}\n{bad}").Add("infrastructure/shared.yaml", infrastructure), $"Change {round}", cancellation);
        var id = await OpenAsync(change, number, cancellation);
        var outcome = await UntilClosedAsync(id, cancellation);
        Results.Add(new(change, id, outcome, await ServedAsync(cancellation)));
        if (change.IsBad)
        {
            await LiftHoldAsync(cancellation);
        }
    }

    // By a person's command and by a webhook in turn.
    private async Task<string> OpenAsync(DrillChange change, string expected, CancellationToken cancellation)
    {
        if (change.Round % 2 == 1)
        {
            await senders.Webhooks.OpenAsync(name, change.Branch, cancellation);
            return expected;
        }
        try
        {
            return await senders.Console.AsAuthorAsync(silo => silo.Grain<IGatewayGrain>("gateway/local").OpenAsync(name, change.Branch, "main"), cancellation);
        }
        catch (RefusedException)
        {
            // The answer to the first call may have been lost, and the change been merged before it was asked for again.
            if ((await database.StatusesAsync()).ContainsKey(expected))
            {
                return expected;
            }
            throw;
        }
    }

    private async Task<string> UntilClosedAsync(string id, CancellationToken cancellation)
    {
        while (true)
        {
            var status = (await database.StatusesAsync()).GetValueOrDefault(id, "empty");
            if (status is not ("empty" or Statuses.Running or Statuses.WaitingForPeople or Statuses.GoingBack or Statuses.Parked))
            {
                return status;
            }
            await Task.Delay(Look, time, cancellation);
        }
    }

    private async Task<string> ServedAsync(CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(FormattableString.Invariant($"http://127.0.0.1:{_production}/")));
        try
        {
            using var response = await client.SendAsync(request, cancellation);
            return FormattableString.Invariant($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
        }
        catch (HttpRequestException)
        {
            return "nothing";
        }
    }

    private async Task LiftHoldAsync(CancellationToken cancellation)
    {
        var key = new EnvironmentKey(name, EnvironmentSettings.ProductionName).ToString();
        try
        {
            await senders.Console.AsReviewerAsync(async silo =>
            {
                await silo.Grain<IEnvironmentGrain>(key).ReleaseHoldAsync("looked at it");
                return true;
            }, cancellation);
        }
        catch (RefusedException)
        {
            // Lifted by a call whose answer was lost.
        }
    }
}
