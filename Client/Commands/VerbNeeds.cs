using System.Collections.Immutable;
using System.Reflection;
using Maestro.Anomalies;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Audit;
using Maestro.Custody;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary>What every verb needs, in the order of <c>maestro help</c>. It is published as <c>docs/roles.md</c>.</summary>
internal static class VerbNeeds
{
    private const string OwnKey = "your key";
    private const string RootKey = "the root key";
    private const string Folder = "the data folder";
    private const string Owner = "the database's owner";
    private const string NotYours = "not your own change";

    private static readonly MethodInfo Find = Call<ICatalogueGrain>(nameof(ICatalogueGrain.ListAsync));
    private static readonly MethodInfo Get = Call<IDeploymentGrain>(nameof(IDeploymentGrain.GetAsync));
    private static readonly MethodInfo Command = Call<IDeploymentGrain>(nameof(IDeploymentGrain.CommandAsync));
    private static readonly MethodInfo Registered = Call<IApplicationsGrain>(nameof(IApplicationsGrain.FindAsync));
    private static readonly MethodInfo Waiting = Call<IApprovalDeskGrain>(nameof(IApprovalDeskGrain.ListAsync));
    private static readonly MethodInfo Decide = Call<IGatewayGrain>(nameof(IGatewayGrain.DecideAsync));
    private static readonly MethodInfo Environment = Call<IEnvironmentGrain>(nameof(IEnvironmentGrain.GetAsync));
    private static readonly MethodInfo Growth = Call<ICheckpointGrain>(nameof(ICheckpointGrain.GrowthAsync));
    private static readonly MethodInfo Export = Call<IBundleGrain>(nameof(IBundleGrain.ExportAsync));

    public static ImmutableArray<VerbNeed> All { get; } =
    [
        new("demo", ""), new("demo --running", $"{Folder} of the silos"), new("doctor", ""), new("init", ""),
        new("login", OwnKey), new("login NAME", $"{Folder} of 'maestro up'"), new("login --request", ""),
        new("logout", OwnKey), new("session", OwnKey),
        new("up", Folder), new("silo", $"{Folder}, a login of the database, a ticket to join"), new("down", Folder),
        new("app add", "", Call<IApplicationsGrain>(nameof(IApplicationsGrain.AddAsync))),
        new("app list", "", Call<IApplicationsGrain>(nameof(IApplicationsGrain.ListAsync))),
        new("open", "", Call<IApplicationsGrain>(nameof(IApplicationsGrain.ListAsync)), Call<IGatewayGrain>(nameof(IGatewayGrain.OpenAsync))),

        new("list", "", Find), new("get", "", Find, Get), new("why", "", Find, Get), new("status", "", Find, Get),
        new("env", "", Registered, Environment),
        new("env --release-hold", "", Registered, Call<IEnvironmentGrain>(nameof(IEnvironmentGrain.ReleaseHoldAsync))),
        .. Audit(),
        new("verify", "", Find, Get, Export, Growth, Call<ICustodyGrain>(nameof(ICustodyGrain.RepeatAsync))),
        new("verify --bundle", "the root's public key"),
        new("export", "", Find, Export),
        new("senders", "", Call<ISendersGrain>(nameof(ISendersGrain.ListAsync))),
        new("senders lift", "", Call<ISendersGrain>(nameof(ISendersGrain.LiftAsync))),
        new("dashboard", "") { Beside = Role.Sre },

        new("approve", NotYours, Find, Get, Registered, Waiting, Decide), new("reject", NotYours, Find, Get, Registered, Waiting, Decide),
        new("abort", "", Find, Command), new("retry", "", Find, Command), new("rollback", "", Environment, Command),
        new("break-glass", "a second person", Find, Get, Registered, Waiting, Call<IGatewayGrain>(nameof(IGatewayGrain.BreakGlassAsync))),

        new("keys init", ""), new("keys enroll", RootKey), new("keys list", Folder), new("keys rotate", RootKey), new("keys revoke", RootKey),
        new("keys verify", Folder), new("keys publish", Folder),
        new("db migrate", Owner), new("db login", Owner),
        new("db accept", "", Call<ILedgerGrain>(nameof(ILedgerGrain.AcceptRowAsync))),
        new("chaos", ""), new("bench", ""), new("edge", Folder), new("completion", ""), new("version", ""), new("help", ""),
    ];

    private static IEnumerable<VerbNeed> Audit()
    {
        var read = Call<ILedgerGrain>(nameof(ILedgerGrain.ReadAsync));
        yield return new("audit tail", "", Call<ILedgerGrain>(nameof(ILedgerGrain.TailAsync)));
        yield return new("audit verify", "",
            Call<ILedgerGrain>(nameof(ILedgerGrain.VerifyAsync)), Call<ILedgerGrain>(nameof(ILedgerGrain.CheckDocumentsAsync)), Growth);
        yield return new("audit checkpoint", "", Growth, Call<ICheckpointGrain>(nameof(ICheckpointGrain.OutsideAsync)));
        yield return new("audit prove", "", Call<ICheckpointGrain>(nameof(ICheckpointGrain.ProveAsync)));
        yield return new("audit check", "the ledger's public key");
        yield return new("audit key", Folder);
        yield return new("audit export", "", read, Growth);
        yield return new("audit report", "", read, Growth, Call<ILedgerGrain>(nameof(ILedgerGrain.SeekAsync)));
    }

    private static MethodInfo Call<TGrain>(string method) => typeof(TGrain).GetMethod(method)!;
}
