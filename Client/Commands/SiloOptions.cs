using System.CommandLine;

namespace Maestro.Commands;

/// <summary>What a silo is told, alone on its machine or in a cluster.</summary>
internal sealed class SiloOptions
{
    private readonly WebhookOptions _webhooks = new();
    private readonly SenderOptions _senders = new();
    private readonly WitnessOptions _witnesses = new();
    private readonly SignInOptions _signIn = new();
    private readonly TeamOptions _teams = new();

    public Option<bool> Unsandboxed { get; } = new("--unsandboxed")
    {
        Description = "Run builds and releases without a sandbox. They can then read what you can read.",
    };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Say one line when it answers; the rest is in the log." };

    public Option<string?> Database { get; } = DatabaseOption.Create();

    public Option<string?> Checkpoints { get; } = CheckpointOption.Create();

    public Option<string?> Root { get; } = RootOption();

    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>Adds those that come in groups; the others are named by each verb, in its own order.</summary>
    public void AddGroupsTo(Command command)
    {
        _webhooks.AddTo(command);
        Telemetry.AddTo(command);
        _senders.AddTo(command);
        _witnesses.AddTo(command);
        _signIn.AddTo(command);
        _teams.AddTo(command);
    }

    public UpSettings Of(SharedOptions shared, ParseResult parsed) => new(
        shared.Folder(parsed), parsed.GetValue(Unsandboxed), parsed.GetValue(Quiet), DatabaseOption.Of(parsed, Database),
        Webhooks: _webhooks.Of(parsed), Telemetry: Telemetry.Of(parsed))
    {
        Checkpoints = SharedOptions.GivenFolder(parsed, Checkpoints),
        Root = parsed.GetValue(Root),
        Senders = _senders.Of(parsed),
        Witnesses = _witnesses.Of(parsed),
        SignIn = _signIn.Of(parsed),
        Teams = _teams.Of(parsed),
    };

    /// <summary>Whom the silo trusts.</summary>
    public static Option<string?> RootOption() => new("--root")
    {
        Description = "Start only with this root of trust. Its fingerprint is shown by 'maestro keys list'.",
        HelpName = "SHA256:...",
    };
}
