using System.CommandLine;
using Maestro.Cluster;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro silo</c>: runs one silo of a cluster that shares a PostgreSQL database.</summary>
internal static class SiloVerb
{
    public const string RolesVariable = "MAESTRO_ROLES";

    public static Command Create(SharedOptions shared)
    {
        var name = new Option<string>("--name") { Description = "Its name, unlike that of the others.", Required = true };
        var roles = new Option<string>("--roles")
        {
            Description = $"What it acts as, with commas: {string.Join(", ", SiloRoles.Names)}. Default: ${RolesVariable}, or all.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(RolesVariable) is { Length: > 0 } named ? named : string.Join(",", SiloRoles.Names),
        };
        var unsandboxed = new Option<bool>("--unsandboxed")
        {
            Description = "Run builds and releases without a sandbox. They can then read what you can read.",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Say one line when it answers; the rest is in the log." };
        var database = DatabaseOption.Create();
        var checkpoints = CheckpointOption.Create();
        var ticket = new Option<string?>("--join") { Description = "Join with this ticket, which 'maestro keys enroll' made.", HelpName = "FILE" };
        var root = RootOption();
        var anyLogin = new Option<bool>("--any-login")
        {
            Description = "Start although the database login may do more than the roles need, as its owner may. For trials.",
        };
        var command = new Command("silo", "Run one silo of a cluster until it is stopped.")
        {
            name, roles, database, checkpoints, ticket, root, anyLogin, unsandboxed, quiet,
        };
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
            new UpSettings(shared.Folder(parsed), parsed.GetValue(unsandboxed), parsed.GetValue(quiet),
                DatabaseOption.Of(parsed, database)
                    ?? throw new SentenceException(
                        $"A cluster shares a PostgreSQL database. Name it with --database or {DatabaseOption.Variable}.", ExitCode.Usage),
                ClusterSilo.Of(parsed.GetRequiredValue(name), parsed.GetValue(roles)!, parsed.GetValue(telemetry.Health)),
                webhooks.Of(parsed), telemetry.Of(parsed))
            {
                Checkpoints = SharedOptions.GivenFolder(parsed, checkpoints),
                Ticket = SharedOptions.GivenFolder(parsed, ticket),
                Root = parsed.GetValue(root),
                AnyLogin = parsed.GetValue(anyLogin),
                Senders = senders.Of(parsed),
                Witnesses = witnesses.Of(parsed),
                SignIn = signIn.Of(parsed),
            },
            cancellation));
        return command;
    }

    /// <summary>Whom the silo trusts.</summary>
    public static Option<string?> RootOption() => new("--root")
    {
        Description = "Start only with this root of trust. Its fingerprint is shown by 'maestro keys list'.",
        HelpName = "SHA256:...",
    };
}
