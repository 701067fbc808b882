using System.Diagnostics;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside.Processes;
using Maestro.Storage;

namespace Maestro.Delivery;

/// <summary>A real silo process with the test application registered, and the people who work with it. Everything it started ends with it.</summary>
internal sealed class TestDelivery : IAsyncDisposable
{
    public const string Application = "served";
    private const string Alone = "alone";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-delivery-").FullName;
    private readonly SortedDictionary<string, Process> _silos = new(StringComparer.Ordinal);
    private readonly string? _database;
    private readonly IReadOnlyDictionary<string, string>? _members;
    private readonly IReadOnlyDictionary<string, string>? _logins;
    private readonly IReadOnlyList<string> _options;

    private TestDelivery(
        string? data, string? database, IReadOnlyDictionary<string, string>? members, IReadOnlyDictionary<string, string>? logins,
        IReadOnlyList<string>? options)
    {
        (_database, _members, _logins, _options) = (database, members, logins, options ?? []);
        Data = data ?? Path.Combine(_folder, "data");
        Repository = new(Path.Combine(_folder, "repositories"));
    }

    public TestRepository Repository { get; }

    public string Data { get; }

    public int StagingPort { get; } = Ports.Free();

    public int ProductionPort { get; } = Ports.Free();

    public ISilo Author { get; private set; } = null!;

    public ISilo Reviewer { get; private set; } = null!;

    public int SiloProcess => _silos.Values.First().Id;

    /// <summary>The names of the silos that run.</summary>
    public IReadOnlyCollection<string> Silos => _silos.Keys;

    /// <param name="members">The roles of a cluster's silos by their names; null for one silo alone.</param>
    /// <param name="logins">Each silo's own way to the database by its name; null for the owner's.</param>
    /// <param name="options">Further options of every silo.</param>
    public static async Task<TestDelivery> StartAsync(
        Func<string, string>? manifest = null, string? data = null, string? database = null, IReadOnlyDictionary<string, string>? members = null,
        IReadOnlyDictionary<string, string>? logins = null, IReadOnlyList<string>? options = null)
    {
        var delivery = new TestDelivery(data, database, members, logins, options);
        try
        {
            await delivery.Repository.CreateAsync(manifest);
            await delivery.StartSiloAsync();
            await delivery.EnrolAsync();
            await delivery.ConnectAsync();
            await delivery.RegisterAsync(Application, delivery.Repository, delivery.StagingPort, delivery.ProductionPort);
            return delivery;
        }
        catch
        {
            await delivery.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers one more application with a repository of its own, to be served at this port.</summary>
    public async Task<TestRepository> RegisterAsync(string application, int productionPort)
    {
        var repository = new TestRepository(Path.Combine(_folder, application));
        await repository.CreateAsync(manifest => manifest.Replace($"application: {Application}", $"application: {application}", StringComparison.Ordinal));
        await RegisterAsync(application, repository, Ports.Free(), productionPort);
        return repository;
    }

    private Task RegisterAsync(string application, TestRepository repository, int stagingPort, int productionPort) =>
        Reviewer.Grain<IApplicationsGrain>("applications/all").AddAsync(new(
            application, "local", "test", repository.Path, "crew", "local",
            new(EnvironmentSettings.StagingName, stagingPort, 1), new(EnvironmentSettings.ProductionName, productionPort, 1)));

    /// <summary>Starts the silo, or those of the cluster that do not run, and waits until they answer.</summary>
    public async Task StartSiloAsync()
    {
        string[] names = _members is null ? [Alone] : [.. _members.Keys];
        await Task.WhenAll(names.Where(name => !_silos.ContainsKey(name)).ToList().Select(StartAsync));
    }

    /// <summary>kill -9 of the only silo.</summary>
    public Task KillAsync() => KillAsync(_silos.Keys.First());

    /// <summary>kill -9 of one silo.</summary>
    public async Task KillAsync(string name)
    {
        if (_silos.Remove(name, out var silo))
        {
            silo.Kill();
            await silo.WaitForExitAsync();
            silo.Dispose();
        }
    }

    /// <summary>Sends a signal, such as SIGSTOP, to one silo.</summary>
    public void Signal(string name, int signal) => NativeMethods.Signal(_silos[name].Id, signal);

    private async Task StartAsync(string name)
    {
        var self = SelfCommand.Current;
        string[] login = _logins is null ? ["--any-login"] : [];
        string[] verb = name == Alone ? ["up"] : ["silo", "--name", name, "--roles", _members![name], .. login];
        var silo = Process.Start(new ProcessStartInfo(self.Program, [.. self.Arguments, .. verb, "--data", Data, "--quiet", "--unsandboxed", .. _options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [DatabaseOption.Variable] = _logins?[name] ?? _database },
        })!;
        lock (_silos)
        {
            _silos[name] = silo;
        }
        if (await silo.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System) is null)
        {
            await silo.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
            Assert.Fail($"The silo ended with {silo.ExitCode}: {await silo.StandardError.ReadToEndAsync()}");
        }
    }

    /// <summary>Connects the people's consoles; needed again after a restart.</summary>
    public async Task ConnectAsync()
    {
        await DisconnectAsync();
        Author = await ConnectAsync("author");
        Reviewer = await ConnectAsync("reviewer");
    }

    /// <summary>The console gives up after seconds; a test on a busy machine tries again.</summary>
    public async Task<ISilo> ConnectAsync(string person)
    {
        var connector = new SiloConnector(TimeProvider.System, (builder, _) => builder.AddIdentity(Key(person)));
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await connector.ConnectAsync(Data, CancellationToken.None);
            }
            catch (SentenceException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
            }
        }
    }

    public PersonKey Key(string person) => PersonKey.Load(Path.Combine(_folder, "keys", $"{person}.key"));

    public async Task<string> OpenAsync(string branch, params (string Path, string Content)[] files)
    {
        await Repository.PushAsync(branch, files);
        return await Author.Grain<IGatewayGrain>("gateway/local").OpenAsync(Application, branch, "main");
    }

    public async Task<DeploymentView> GetAsync(string id) => (await Reviewer.Grain<IDeploymentGrain>(id).GetAsync())!;

    public Task<EnvironmentView> EnvironmentAsync(string name) => Reviewer.Grain<IEnvironmentGrain>($"env/{Application}/{name}").GetAsync();

    /// <summary>Looks until it is so; what is still missing at the end is in the failure.</summary>
    public async Task<DeploymentView> UntilAsync(string id, Func<DeploymentView, bool> so, TimeSpan? within = null)
    {
        var until = TimeProvider.System.GetTimestamp();
        DeploymentView view;
        while (!so(view = await GetAsync(id)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(until) < (within ?? Patience), $"It did not come to that:\n{Describe(view)}\n{LastLogged()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        return view;
    }

    /// <summary>Answers whatever people are asked, until the deployment is closed.</summary>
    public Task<DeploymentView> DeliverAsync(string id, Func<ApprovalRequest, bool?>? approve = null) =>
        UntilAnsweringAsync(id, view => view.Outcome is not null, approve);

    /// <summary>Answers whatever people are asked, until it is so.</summary>
    /// <param name="approve">True approves, false rejects, null leaves the question open.</param>
    public async Task<DeploymentView> UntilAnsweringAsync(string id, Func<DeploymentView, bool> so, Func<ApprovalRequest, bool?>? approve = null)
    {
        var answered = new HashSet<string>();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await GetAsync(id);
            if (so(view))
            {
                return view;
            }
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"It did not come to that:\n{Describe(view)}");
            if (await QuestionAsync(id) is { } request && (approve is null ? true : approve(request)) is { } approved && answered.Add(request.Nonce))
            {
                await DecideAsync(request, approved);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async Task<ApprovalRequest?> QuestionAsync(string id) =>
        (await Reviewer.Grain<IApprovalDeskGrain>("desk/crew").ListAsync()).FirstOrDefault(request => request.Deployment == id);

    public Task<string?> DecideAsync(ApprovalRequest request, bool approved, string person = "reviewer") => DecideAsync(Answer(request, approved, person));

    /// <summary>The decision that fits the question.</summary>
    public static Decision Answer(ApprovalRequest request, bool approved, string person = "reviewer")
    {
        var now = TimeProvider.System.GetUtcNow();
        return new(
            request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment, request.Nonce,
            person, approved, null, now, now + TimeSpan.FromMinutes(5));
    }

    /// <summary>Signs the decision as the person it names and brings it to the desk.</summary>
    public async Task<string?> DecideAsync(Decision decision)
    {
        using var key = Key(decision.Person);
        // Whoever decides brings it: a word that somebody else brings counts for nothing.
        var other = decision.Person == "reviewer" ? null : await ConnectAsync(decision.Person);
        try
        {
            return await (other ?? Reviewer).Grain<IGatewayGrain>("gateway/local").DecideAsync("crew", PersonSigner.Sign(key, decision));
        }
        finally
        {
            await (other?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>What the environment's port answers now.</summary>
    public static async Task<string> AskAsync(int port, string path = "/")
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{port}{path}"));
        using var response = await client.SendAsync(request, CancellationToken.None);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }

    /// <summary>The lines of the edge's own journal: what it really did.</summary>
    public string[] EdgeJournal() =>
        File.Exists(Path.Combine(Data, "edge", "edge-journal.jsonl")) ? File.ReadAllLines(Path.Combine(Data, "edge", "edge-journal.jsonl")) : [];

    /// <summary>Everything that was recorded of the deployment, of all its attempts, oldest first.</summary>
    public async Task<LogEntry[]> HistoryAsync(string id)
    {
        await using var source = new SqliteSource(Path.Combine(Data, "maestro.db"));
        await using var log = new SqliteDeploymentLog(source);
        return [.. (await log.ReadAsync(DeploymentId.Parse(id), 1, 5000, CancellationToken.None)).Select(stored => stored.Entry)];
    }

    /// <summary>The effects whose processes run: releases, builds and tests.</summary>
    public string[] Running() =>
        [.. new[] { "instances", "work" }.SelectMany(kind => WorkShelf.Newest(Path.Combine(Data, "work", kind)))
            .Where(start => start.Claim is { IsAlive: true }).Select(start => start.Work!.Effect).Order(StringComparer.Ordinal)];

    public static string Describe(DeploymentView view) =>
        $"{view.Id} attempt {view.Attempt} {view.Status} {view.Outcome} {view.Code}\n"
        + string.Join('\n', view.Stages.Select(stage => $"  {stage.Stage} {stage.Status} try {stage.Try}: {stage.Detail}"));

    // What the silos wrote last: a wait that is too long on another machine has no other witness.
    private string LastLogged() => string.Join('\n', Directory.EnumerateFiles(Data, "silo*.log").Order(StringComparer.Ordinal)
        .Select(log => $"{Path.GetFileName(log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(40))}"));

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        foreach (var name in _silos.Keys.ToList())
        {
            await KillAsync(name);
        }
        await SiloHost.EndAsync(Data, CancellationToken.None);
        await Eventually.IsGoneAsync(_folder);
    }

    private async Task EnrolAsync()
    {
        var enrolment = new Enrolment(Path.Combine(Data, "keys"), EmbeddedIdentity.RosterPath(Data));
        var keys = Path.Combine(_folder, "keys");
        await enrolment.EnrolAsync("reviewer", ["reviewer@maestro.example"], [Role.Viewer, Role.Reviewer, Role.Sre, Role.Admin],
            ["crew"], keys, CancellationToken.None);
        await enrolment.EnrolAsync("guest", ["guest@maestro.example"], [Role.Viewer], [], keys, CancellationToken.None);
        await enrolment.EnrolAsync("second", ["second@maestro.example"], [Role.Viewer, Role.Reviewer], ["crew"], keys, CancellationToken.None);
        await enrolment.EnrolAsync("stranger", ["stranger@maestro.example"], [Role.Viewer, Role.Reviewer], [], keys, CancellationToken.None);
        await enrolment.EnrolAsync("author", [TestRepository.AuthorEmail], [Role.Viewer, Role.Author, Role.Reviewer], ["crew"], keys, CancellationToken.None);
    }

    private async Task DisconnectAsync()
    {
        foreach (var silo in new[] { Author, Reviewer }.Where(silo => silo is not null))
        {
            await silo.DisposeAsync();
        }
        (Author, Reviewer) = (null!, null!);
    }
}
