using System.Globalization;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Screen;

namespace Maestro.Demo;

/// <summary>The demo, top to bottom.</summary>
internal sealed class DemoRun(DemoSettings settings, DemoPlace place, Terminal terminal, TimeProvider time)
{
    private const string Application = "shop";
    private readonly DemoScreen _screen = new(settings, terminal, time);

    /// <summary>True where all scenarios ended as they must and the ledger verifies.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var repository = new DemoRepository(place.Repositories);
        await repository.CreateAsync(DemoFiles.Base(settings.Window), DemoPeople.AuthorEmail, cancellation);
        using var people = await DemoPeople.EnrolAsync(place.Data, cancellation);
        await using var author = await DemoPeople.ConnectAsync(place.Data, people.Author, time, cancellation);
        await using var reviewer = await DemoPeople.ConnectAsync(place.Data, people.Reviewer, time, cancellation);
        await reviewer.Grain<IApplicationsGrain>("applications/all").AddAsync(place.Register(repository));
        await using var probe = new ProductionProbe(place.ProductionPort, time);

        var stage = new Stagehand(settings, people, author, reviewer, repository, probe, _screen, terminal, time);
        _screen.Say($"The demo's data folder is {place.Data}; production is http://127.0.0.1:{place.ProductionPort}");
        var first = await stage.PlayAsync(DemoScenario.First, cancellation);
        if (!first.AsExpected)
        {
            _screen.Say($"The first version did not get to production: {first.Told}");
            return false;
        }
        var results = new List<ScenarioResult>();
        foreach (var scenario in DemoScenario.All(place.Marker))
        {
            var result = await stage.PlayAsync(scenario, cancellation);
            if (scenario.Name == "hostile" && File.Exists(place.Marker))
            {
                result = result with { AsExpected = false, Told = "The marker file is there: somebody ran the hostile scripts." };
            }
            results.Add(result);
            await _screen.JsonAsync(new
            {
                scenario = result.Scenario,
                deployment = result.Deployment,
                outcome = result.Outcome,
                stage = result.Stage,
                seconds = Math.Round(result.Seconds, 1)
            });
        }
        var audit = await reviewer.Grain<ILedgerGrain>("ledger/main").VerifyAsync();
        await _screen.JsonAsync(new { audit = audit.Verified ? "verified" : "differs", entries = audit.Entries });
        Summarize(results, audit);
        return audit.Verified && results.All(result => result.AsExpected);
    }

    private void Summarize(List<ScenarioResult> results, LedgerVerification audit)
    {
        _screen.Heading("What happened");
        foreach (var result in results)
        {
            var mark = result.AsExpected ? '✔' : '✖';
            var told = Shown.Cut(result.Told, 100);
            _screen.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {mark} {result.Scenario,-12} {result.Outcome,-12} at {result.Stage,-7} in {result.Seconds,5:F1} s  {told}"));
        }
        _screen.Say($"  {(audit.Verified ? '✔' : '✖')} ledger       {(audit.Verified ? $"verified, {audit.Entries} entries" : audit.Difference)}");
        if (settings.Keep || settings.Running)
        {
            _screen.Heading("Everything is still running. Try next");
            foreach (var command in new[] { "list", "get shop/2", "why shop/4", $"env {Application}", "audit tail",
                $"env {Application} --release-hold production --reason \"looked at it\"", $"rollback {Application}", "down" })
            {
                _screen.Say($"  maestro {command} --data {place.Data}");
            }
        }
        else
        {
            _screen.Heading("Try next");
            _screen.Say("  maestro demo --keep          the same, and everything stays running to look at");
            _screen.Say("  maestro up                   a silo of your own");
            _screen.Say("  maestro init                 a maestro.yaml for your repository");
            _screen.Say("  maestro help                 all commands");
        }
    }
}
