using Maestro.Anomalies;
using Maestro.Audit;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Deployments;

/// <summary>Who must answer is said by the version of the plan that the attempt was opened with.</summary>
public sealed class AnswersTests : IDisposable
{
    private static readonly DeploymentId Id = DeploymentId.Of("local", "acme", "shop", 1);

    // A later version that asks somebody else for the scan.
    private static readonly Plans Versions = new([Plan.Version1, new(2, typeof(ChangeOpened),
        [.. Plan.Version1.Rows.Select(row => row.Stage == Stage.Scan ? row with { Asked = Role.Review } : row)])]);

    private readonly Folder _folder = new();
    private readonly FileKeyring _keyring;

    public AnswersTests()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply(Principal.SiloRoles);
        var root = KeyRegistry.RootOf(_folder.Keys);
        _keyring = FileKeyring.Open(_folder.Keys, root, Principal.SiloRoles,
            new RosterFile(_folder.RosterPath, root, new Clock(), NullLogger<RosterFile>.Instance));
    }

    public void Dispose()
    {
        _keyring.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, Role.Deployment)]
    [InlineData(2, Role.Review)]
    public async Task An_answer_counts_by_the_attempts_own_version(int version, Role role)
    {
        LogEntry[] log = [Entries.Opened(version: version), Entries.Started(Stage.Scan)];
        var opened = await OpenAsync(log.Fold(), role);
        Assert.NotNull(opened);
        var entry = await Make().ToEntryAsync(Id, log.Fold(), opened, null!, Entries.Began);
        Assert.Equal(Principal.OfRole(role), Assert.IsType<LogEntry.Broke>(entry).Actor);
    }

    [Fact]
    public async Task An_answer_to_an_attempt_of_an_unknown_version_is_left_to_a_silo_that_knows_it() =>
        Assert.Null(await OpenAsync(new[] { Entries.Opened(version: 9), Entries.Started(Stage.Scan) }.Fold(), Role.Deployment));

    [Theory]
    [InlineData(1, Role.Deployment)]
    [InlineData(2, Role.Review)]
    public void The_row_is_that_of_the_attempts_own_version(int version, Role asked) =>
        Assert.Equal(asked, Versions.FindRow(new[] { Entries.Opened(version: version) }.Fold(), 1, Stage.Scan)!.Asked);

    [Fact]
    public async Task An_overtaken_activation_notes_no_deceit()
    {
        using var database = new Database();
        await using var log = new SqliteDeploymentLog(database.Source);
        LogEntry[] known = [Entries.Opened(), Entries.Started(Stage.Scan)];
        await AppendAsync(log, 1);
        await AppendAsync(log, 2);
        // Where it is up to date the second try was never asked for, and it goes to the ledger, which is not there.
        await Assert.ThrowsAsync<NullReferenceException>(() => OpenAsync(known.Fold(), Role.Deployment, 2, log));

        await AppendAsync(log, 3);
        Assert.Null(await OpenAsync(known.Fold(), Role.Deployment, 2, log));
    }

    private static async Task AppendAsync(SqliteDeploymentLog log, int number) =>
        Assert.True(await log.AppendAsync(Database.Append(Id, number), TestContext.Current.CancellationToken));

    private Task<AgentAnswer?> OpenAsync(Progress progress, Role role, int tried = 1, IDeploymentLog? log = null)
    {
        var answer = AgentAnswer.Stopped(Binding.Of(Id, 1, Stage.Scan, tried, Role.Control, TimeProvider.System));
        var envelope = Statements.Sign(_keyring, role, PredicateTypes.AgentAnswer, [Subject.Of("scan", Entries.Evidence)], answer);
        return Make(log).OpenAsync(Id, progress, envelope, new NonceMemory(TimeProvider.System));
    }

    private Answers Make(IDeploymentLog? log = null)
    {
        var watch = new SenderWatch(null!, new Origins(), new(), TimeProvider.System);
        watch.Know(Role.Control, []);
        var refusals = new Refusals(null!, TimeProvider.System, NullLogger<Refusals>.Instance);
        var reception = new Reception(MessageCheck.Check, new Nonces(), watch, refusals, TimeProvider.System);
        return new(_keyring, null!, null!, log!, reception, Versions);
    }
}
