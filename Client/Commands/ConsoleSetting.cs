using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>What every command works with.</summary>
internal sealed record ConsoleSetting(Terminal Terminal, TimeProvider Time, ISiloConnector Connector, IPersonSigner Signer, EntryPoints EntryPoints)
{
    public static ConsoleSetting OfProcess() =>
        new(Terminal.OfProcess(), TimeProvider.System, new SiloConnector(TimeProvider.System), new PersonSigner(), EntryPoints.OfProcess);
}

/// <summary>What <c>maestro up</c> is asked to start.</summary>
/// <param name="Data">The data folder, absolute.</param>
/// <param name="Unsandboxed">Builds run without a sandbox; said aloud and written to the ledger.</param>
/// <param name="Quiet">Says one line when it answers; the rest is in the log.</param>
/// <param name="Database">The PostgreSQL database; null for SQLite in the data folder.</param>
/// <param name="Member">Which silo of a cluster it is; null for the only one of its data folder.</param>
/// <param name="Webhooks">Where it takes in webhooks; null for nowhere.</param>
/// <param name="Telemetry">Where it tells how it fares; null for nowhere.</param>
internal sealed record UpSettings(string Data, bool Unsandboxed, bool Quiet, string? Database, ClusterSilo? Member = null,
    WebhookSettings? Webhooks = null, TelemetrySettings? Telemetry = null)
{
    /// <summary>The folder for the ledger's newest checkpoint; null for one in the data folder.</summary>
    public string? Checkpoints { get; init; }

    /// <summary>The ticket to join with; null for none.</summary>
    public string? Ticket { get; init; }

    /// <summary>The fingerprint of the root of trust; null believes the data folder.</summary>
    public string? Root { get; init; }

    /// <summary>The database login may do more than the roles need.</summary>
    public bool AnyLogin { get; init; }

    /// <summary>From when on a sender of messages is told of, or cut off.</summary>
    public Anomalies.SenderBounds Senders { get; init; } = new();

    /// <summary>Who watches the ledger from outside; null for nobody.</summary>
    public WitnessSettings? Witnesses { get; init; }

    /// <summary>How people sign in; null for the key alone.</summary>
    public SignInSettings? SignIn { get; init; }

    /// <summary>Where it is asked who is in which team now; null for the roster alone.</summary>
    public TeamSettings? Teams { get; init; }

    /// <summary>Without the database, whose text can hold a password.</summary>
    public override string ToString() => Data;
}

/// <summary>Whom <c>maestro login</c> enrols.</summary>
internal sealed record LoginSettings(
    string Data, string Name, IReadOnlyList<string> Emails, IReadOnlyList<Role> Roles, IReadOnlyList<string> Teams)
{
    /// <summary>Who is the same human being; null to leave it as it is.</summary>
    public string? SameAs { get; init; }

    /// <summary>Where to write what the holder of the root key enrols; null to be enrolled here and now.</summary>
    public string? Request { get; init; }

    /// <summary>Accounts elsewhere that are this person's.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];
}

/// <summary>The verbs that are more than a call to a running silo. Each returns the process's exit code.</summary>
/// <param name="Edge">Owns the ports that users reach; its arguments are its own.</param>
/// <param name="Work">Launches one piece of sandboxed work; its arguments are its own.</param>
internal sealed record EntryPoints(
    Func<ConsoleSetting, UpSettings, CancellationToken, Task<int>> Up,
    Func<ConsoleSetting, LoginSettings, CancellationToken, Task<int>> Login,
    Func<ConsoleSetting, IReadOnlyList<string>, CancellationToken, Task<int>> Edge,
    Func<ConsoleSetting, IReadOnlyList<string>, CancellationToken, Task<int>> Work)
{
    public static EntryPoints OfProcess { get; } = new(Entries.UpAsync, Entries.LoginAsync, Entries.EdgeAsync, Entries.WorkAsync);
}
