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
        var silo = new SiloOptions();
        var ticket = new Option<string?>("--join") { Description = "Join with this ticket, which 'maestro keys enroll' made.", HelpName = "FILE" };
        var anyLogin = new Option<bool>("--any-login")
        {
            Description = "Start although the database login may do more than the roles need, as its owner may. For trials.",
        };
        var command = new Command("silo", "Run one silo of a cluster until it is stopped.")
        {
            name, roles, silo.Database, silo.Checkpoints, ticket, silo.Root, anyLogin, silo.Unsandboxed, silo.Quiet,
        };
        silo.AddGroupsTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            if (DatabaseOption.Of(parsed, silo.Database) is null)
            {
                throw new SentenceException(
                    $"A cluster shares a PostgreSQL database. Name it with --database or {DatabaseOption.Variable}.", ExitCode.Usage);
            }
            var settings = silo.Of(shared, parsed) with
            {
                Member = ClusterSilo.Of(parsed.GetRequiredValue(name), parsed.GetValue(roles)!, parsed.GetValue(silo.Telemetry.Health)),
                Ticket = SharedOptions.GivenFolder(parsed, ticket),
                AnyLogin = parsed.GetValue(anyLogin),
            };
            return shared.Setting.EntryPoints.Up(shared.Setting, settings, cancellation);
        });
        return command;
    }
}
