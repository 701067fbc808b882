using System.Collections.Immutable;
using Maestro.Anomalies;
using Maestro.Cluster;
using Maestro.Identity;

namespace Maestro.Hosting;

/// <summary>What a silo on one machine is told when it starts.</summary>
/// <param name="Data">Its data folder; nothing outside it is written.</param>
/// <param name="Unsandboxed">An administrator trusts every change: builds and releases run without a sandbox.</param>
/// <param name="Verbose">Logs go to the terminal too.</param>
/// <param name="Database">The PostgreSQL database that keeps log, ledger, grain state and reminders; null for SQLite in the data folder.</param>
/// <param name="Member">Which silo of a cluster it is; null for the only one.</param>
/// <param name="Webhooks">Where it takes in webhooks; null for nowhere.</param>
public sealed record SiloSettings(string Data, bool Unsandboxed = false, bool Verbose = true, string? Database = null,
    ClusterSilo? Member = null, WebhookSettings? Webhooks = null)
{
    /// <summary>Where it tells how it fares.</summary>
    public TelemetrySettings Telemetry { get; init; } = TelemetrySettings.None;

    /// <summary>The folder in which the newest checkpoint of the ledger is kept, best on another machine's disk; null for one in the data folder.</summary>
    public string? Checkpoints { get; init; }

    /// <summary>The ticket that the silo joins with; null where its keys are in the data folder already.</summary>
    public string? Ticket { get; init; }

    /// <summary>The fingerprint of the root that the silo trusts; null believes the data folder.</summary>
    public string? Root { get; init; }

    /// <summary>The database login may do more than the roles need: the operator takes that, for a trial.</summary>
    public bool AnyLogin { get; init; }

    /// <summary>From when on a sender of messages is told of, or cut off.</summary>
    public SenderBounds Senders { get; init; } = new();

    /// <summary>Who watches the ledger from outside.</summary>
    public WitnessSettings Witnesses { get; init; } = WitnessSettings.None;

    /// <summary>How people sign in.</summary>
    public SignInSettings SignIn { get; init; } = SignInSettings.None;

    /// <summary>Where it is asked who is in which team now; null for the roster alone.</summary>
    public TeamSettings? Teams { get; init; }

    /// <summary>The loopback port of <c>/health</c> and <c>/metrics</c>; 0 for none.</summary>
    public int HealthPort => Member is { HealthPort: > 0 } member ? member.HealthPort : Telemetry.HealthPort;

    /// <summary>What this silo acts as.</summary>
    public ImmutableArray<Role> Roles => Member?.Roles ?? SiloRoles.All;

    /// <summary>A file of this silo's own in the data folder, which silos of one cluster share.</summary>
    /// <param name="name">Such as <c>silo.json</c>.</param>
    public string FileName(string name) => Member is { } member ? $"{Path.GetFileNameWithoutExtension(name)}-{member.Name}{Path.GetExtension(name)}" : name;

    /// <summary>Without the database, whose text can hold a password.</summary>
    public override string ToString() => Data;
}
