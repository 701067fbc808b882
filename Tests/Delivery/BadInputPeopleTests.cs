using Maestro.Approvals;
using Maestro.Client;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Delivery;

/// <summary>People who ask for what is not theirs, and questions about what is not there.</summary>
[Collection(nameof(BadInputSilo))]
public sealed class BadInputPeopleTests(BadInputSilo silo) : IAsyncLifetime
{
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        // A review that wants a person's eye keeps the deployment waiting for as long as the test asks.
        var branch = $"waiting{Guid.NewGuid():N}";
        silo.Repository.Commit(branch, "main", "Wait"u8.ToArray(), silo.Repository.File("picture.dat", [0, 1, 2, 0]));
        _id = await silo.OpenAsync(branch);
        await silo.Delivery.UntilAsync(
            _id, view => view.Stages.Any(row => row is { Stage: Stage.AllowRun, Status: "running" }) && !view.Waits.IsEmpty);
    }

    public async ValueTask DisposeAsync() => await silo.ConsoleAsync("reviewer", "abort", _id, "--yes");

    [Fact]
    public async Task Somebody_who_may_only_look_is_refused_every_verb_that_acts()
    {
        string[][] verbs =
        [
            ["open", "--repo", silo.Delivery.Repository.Path, "--head", "main"],
            ["approve", _id, "--yes"], ["reject", _id, "--comment", "no"],
            ["abort", _id, "--yes"], ["retry", _id], ["rollback", TestDelivery.Application, "--yes"],
            ["env", TestDelivery.Application, "--release-hold", "production", "--reason", "please"],
            ["app", "add", "mine", "--repo", silo.Delivery.Repository.Path],
        ];
        foreach (var verb in verbs)
        {
            IsRefused(verb, await AsAsync("guest", verb));
        }
        await silo.StillServesAsync();
        Assert.Null((await silo.Delivery.GetAsync(_id)).Outcome);
    }

    [Fact]
    public async Task Somebody_without_any_key_is_refused_every_verb()
    {
        string[][] verbs =
        [
            ["list"], ["get", _id], ["why", _id], ["status", _id], ["env", TestDelivery.Application],
            ["audit", "tail"], ["audit", "verify"], ["app", "list"], ["abort", _id, "--yes"],
        ];
        foreach (var verb in verbs)
        {
            var connector = new SiloConnector(TimeProvider.System, (_, _) => { });
            IsRefused(verb, await ConsoleRun.OfAsync(connector, [.. verb, "--data", silo.Delivery.Data]));
        }
    }

    [Fact]
    public async Task What_is_not_there_or_not_possible_is_said_in_one_sentence()
    {
        string[][] verbs =
        [
            ["get", "pr/local/test/served/999"], ["get", "\u001b[2J"], ["get", "pr/local/../served/1"], ["status", "nothing/1"],
            ["env", "nothing"], ["rollback", TestDelivery.Application, "--to", "r999", "--yes"], ["rollback", "nothing", "--yes"], ["retry", _id],
            ["open", "--repo", "/nowhere", "--head", "main"], ["open", "--repo", silo.Delivery.Repository.Path, "--head", "no\nbranch"],
            ["app", "add", "Bad Name!", "--repo", silo.Delivery.Repository.Path],
        ];
        foreach (var verb in verbs)
        {
            IsRefused(verb, await silo.ConsoleAsync("reviewer", verb));
        }
    }

    private Task<ConsoleRun> AsAsync(string person, params string[] arguments)
    {
        var connector = new SiloConnector(TimeProvider.System, (builder, _) => builder.AddIdentity(silo.Delivery.Key(person)));
        return ConsoleRun.OfAsync(connector, new KeySigner(silo.Delivery.Key(person)), null, [.. arguments, "--data", silo.Delivery.Data]);
    }

    private static void IsRefused(string[] verb, ConsoleRun run)
    {
        var what = $"{string.Join(' ', verb)}: {run.ExitCode}\n{run.Out}\n{run.Error}";
        Assert.True(run.ExitCode is not ExitCode.Done and not ExitCode.Fault, what);
        Assert.True(run.Error.Trim() is { Length: > 20 } said && !said.Contains('\n', StringComparison.Ordinal), what);
        BadInputSilo.IsForPeople(run);
    }

    private sealed class KeySigner(PersonKey key) : IPersonSigner
    {
        public string Person(string folder) => key.Person;

        public Envelope Sign(string folder, Decision decision) => PersonSigner.Sign(key, decision);

        public Envelope Sign(string folder, GlassBreak word) => PersonSigner.Sign(key, word);
    }
}
