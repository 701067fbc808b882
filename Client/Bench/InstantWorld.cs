using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Manifests;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Bench;

/// <summary>Outside systems that answer at once and do nothing, so that what is measured is Maestro alone.</summary>
internal sealed class InstantWorld : IGitHost, IManifestReader, IReviewer, IWorkshop, IPolicyEngine, IHealthProbe, INames, INotifier
{
    private readonly ConcurrentDictionary<(string Application, int Number), ChangeOpened> _changes = [];
    private int _number;

    /// <summary>Reviews ask for a person, so that deployments wait there.</summary>
    public bool Hold { get; set; }

    public void ReplaceIn(IServiceCollection services)
    {
        services.AddSingleton<IGitHost>(this).AddSingleton<IManifestReader>(this).AddSingleton<IReviewer>(this).AddSingleton<IWorkshop>(this);
        services.AddSingleton<IPolicyEngine>(this).AddSingleton<IHealthProbe>(this).AddSingleton<INames>(this).AddSingleton<INotifier>(this);
        services.AddSingleton<IInfrastructure, InstantInfrastructure>().AddSingleton<IRuntime, InstantRuntime>().AddSingleton<IEdge, InstantEdge>();
    }

    public Task<ChangeOpened> OpenAsync(
        Application application, string headBranch, string baseBranch, string opener, CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref _number);
        string Commit(char kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number:d39}");
        var change = new ChangeOpened(
            application, number, "A change", headBranch, baseBranch, Commit('a'), Commit('b'), Commit('c'), Commit('d'), opener, [opener], true, []);
        return Task.FromResult(_changes[(application.Name, number)] = change);
    }

    public Task<int?> FindAsync(Application application, string headBranch, string baseBranch, CancellationToken cancellation) =>
        Task.FromResult<int?>(null);

    public Task CloseAsync(Application application, int number, CancellationToken cancellation) => Task.CompletedTask;

    public Task<ChangeOpened> ReadAsync(Application application, int number, CancellationToken cancellation) =>
        Task.FromResult(_changes[(application.Name, number)]);

    public Task<Tips> ReadTipsAsync(Application application, int number, CancellationToken cancellation) =>
        Task.FromResult(_changes.TryGetValue((application.Name, number), out var change) ? new Tips(change.Head, change.Base, true) : new(null, null, false));

    public Task<Comparison> CompareAsync(
        Application application, string baseCommit, string headCommit, ComparisonLimits limits, CancellationToken cancellation) =>
        Task.FromResult(new Comparison([], 0, []));

    public Task<byte[]?> ReadFileAsync(Application application, string commit, string path, int maxBytes, CancellationToken cancellation) =>
        Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(application.Name));

    public Task<ImmutableDictionary<string, byte[]>> ReadFolderAsync(
        Application application, string tree, string folder, int maxFiles, long maxBytes, CancellationToken cancellation) =>
        Task.FromResult(ImmutableDictionary<string, byte[]>.Empty);

    public Task ExportAsync(Application application, string tree, string folder, CancellationToken cancellation) => Task.CompletedTask;

    public Task<string> MergeAsync(Application application, ChangeOpened change, CancellationToken cancellation) => Task.FromResult(change.MergeCommit);

    public Manifest Read(ReadOnlyMemory<byte> text) => new(
        Encoding.UTF8.GetString(text.Span), new(["build"], TimeSpan.FromMinutes(1)), "out", null,
        new(["run"], "PORT", [new HealthCheck("/", 200, null, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10))]), null, MergeMode.After,
        new(TimeSpan.Zero, 3));

    public Task<ChangeReviewed> ReviewAsync(Comparison comparison, ImmutableArray<string> sensitivePaths, CancellationToken cancellation) =>
        Task.FromResult(new ChangeReviewed(Hold ? Verdict.Comment : Verdict.Approve, "nobody", false, 1, []));

    public Task<Work<ImageBuilt>> BuildAsync(string effect, ChangeOpened change, Manifest manifest, CancellationToken cancellation) =>
        Task.FromResult<Work<ImageBuilt>>(new Work<ImageBuilt>.Done(
            new(Digest.Of(Encoding.UTF8.GetBytes(change.MergeTree)), change.MergeTree, 1, 1, true, 0)));

    public Task<Work<TestsPassed>> TestAsync(string effect, ChangeOpened change, Manifest manifest, Digest image, CancellationToken cancellation) =>
        Task.FromResult<Work<TestsPassed>>(new Work<TestsPassed>.Done(new(image, true, 0)));

    public Task<ImageCleared> ScanAsync(Digest image, CancellationToken cancellation) => Task.FromResult(new ImageCleared(image, "nobody", 1, []));

    public Task StopAsync(string effect, CancellationToken cancellation) => Task.CompletedTask;

    public Task<PolicyVerdict> JudgeAsync(ReadOnlyMemory<byte> facts, CancellationToken cancellation) =>
        Task.FromResult(new PolicyVerdict(Digest.Of("none"u8), []));

    public Task<Health> CheckAsync(Uri address, ImmutableArray<HealthCheck> checks, CancellationToken cancellation) => Task.FromResult(new Health(true, ""));

    public Task PointAsync(EnvironmentKey environment, int port, CancellationToken cancellation) => Task.CompletedTask;

    public Task NotifyAsync(string subject, Reason reason, CancellationToken cancellation) => Task.CompletedTask;
}
