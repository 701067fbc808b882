using System.CommandLine;

namespace Maestro.Commands;

/// <summary><c>maestro up</c>: runs a silo until it is stopped.</summary>
internal static class UpVerb
{
    public static Command Create(SharedOptions shared)
    {
        var unsandboxed = new Option<bool>(
            "--unsandboxed")
        { Description = "Run builds and releases without a sandbox. They can then read what you can read." };
        var quiet = new Option<bool>("--quiet") { Description = "Say one line when it answers; the rest is in the log." };
        var database = DatabaseOption.Create();
        var checkpoints = CheckpointOption.Create();
        var root = SiloVerb.RootOption();
        var command = new Command("up", "Run a silo on this machine until it is stopped.") { unsandboxed, quiet, database, checkpoints, root };
        var webhooks = new WebhookOptions();
        webhooks.AddTo(command);
        var telemetry = new TelemetryOptions();
        telemetry.AddTo(command);
        var senders = new SenderOptions();
        senders.AddTo(command);
        var witnesses = new WitnessOptions();
        witnesses.AddTo(command);
        var signIn = new SignInOptions();
        signIn.AddTo(command);
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Up(
            shared.Setting,
            new UpSettings(shared.Folder(parsed), parsed.GetValue(unsandboxed), parsed.GetValue(quiet), DatabaseOption.Of(parsed, database),
                Webhooks: webhooks.Of(parsed), Telemetry: telemetry.Of(parsed))
            {
                Checkpoints = SharedOptions.GivenFolder(parsed, checkpoints),
                Root = parsed.GetValue(root),
                Senders = senders.Of(parsed),
                Witnesses = witnesses.Of(parsed),
                SignIn = signIn.Of(parsed),
            },
            cancellation));
        return command;
    }
}
