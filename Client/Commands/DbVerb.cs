using System.CommandLine;
using Maestro.Audit;
using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>
/// <c>maestro db migrate</c>: brings a database to the form of this release. Several may do it at once: one does, the others wait.
/// <c>maestro db login</c>: makes the login of a silo. <c>maestro db accept</c>: lets a row count that a silo refuses.
/// </summary>
internal static class DbVerb
{
    public static Command Create(SharedOptions shared) => new("db", "Look after the database.") { Migrate(shared), Login(shared), Accept(shared) };

    private static Command Migrate(SharedOptions shared)
    {
        var database = DatabaseOption.Create();
        var command = new Command("migrate", "Bring the database to the form of this release.") { database };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(database) is not null && shared.GivenFolder(parsed) is not null)
            {
                throw new SentenceException("A database is named by --database or --data, not by both.", ExitCode.Usage);
            }
            var text = shared.GivenFolder(parsed) is null ? DatabaseOption.Of(parsed, database) : null;
            Say(shared.Terminal(parsed), await (text is null
                ? DatabaseMigration.OfFolderAsync(shared.Folder(parsed), shared.Setting.Time)
                : DatabaseMigration.OfPostgresAsync(text, shared.Setting.Time, cancellation)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Login(SharedOptions shared)
    {
        var name = new Argument<string>("NAME") { Description = "The login's name, best the silo's." };
        var roles = new Option<string>("--roles")
        {
            Description = $"What the silo acts as, with commas: {string.Join(", ", SiloRoles.Names)}.",
            HelpName = "ROLES",
            Required = true,
        };
        var file = new Option<string?>("--out") { Description = "The file to write, for its owner alone. Default: NAME.env", HelpName = "FILE" };
        var database = DatabaseOption.Create();
        var command = new Command("login", "Make a silo's login, with no more rights than its roles need, or give it a new password.")
        {
            name, roles, file, database,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var text = DatabaseOption.Of(parsed, database)
                ?? throw new SentenceException($"Logins are PostgreSQL's. Name the database with --database or {DatabaseOption.Variable}.", ExitCode.Usage);
            var login = new DatabaseLogin(parsed.GetRequiredValue(name), SiloRoles.Parse(parsed.GetRequiredValue(roles)));
            var path = Path.GetFullPath(SharedOptions.GivenFolder(parsed, file) ?? $"{login.Name}.env");
            await login.MakeAsync(text, path, cancellation);
            var terminal = shared.Terminal(parsed);
            terminal.Say($"{login.Name} can log in; {path} says how, as {DatabaseOption.Variable}=\"...\".");
            terminal.Say("A password that it had before no longer counts.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Accept(SharedOptions shared)
    {
        var row = new Argument<string>("ROW") { Description = "The row, as its refusal names it." };
        var digest = new Option<string>("--digest") { Description = "What was found, as its refusal names it.", HelpName = "DIGEST", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why it may count; its digest goes to the ledger.", HelpName = "TEXT", Required = true };
        var command = new Command("accept", "Let a row count that a silo refuses, as it is now.") { row, digest, reason };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var why = parsed.GetRequiredValue(reason);
            if (string.IsNullOrWhiteSpace(why))
            {
                throw new SentenceException("Accepting a row needs a reason for the ledger: --reason TEXT", ExitCode.Usage);
            }
            await silo.Grain<ILedgerGrain>("ledger/main").AcceptRowAsync(parsed.GetRequiredValue(row), parsed.GetRequiredValue(digest), why);
            shared.Terminal(parsed).Say($"{parsed.GetRequiredValue(row)} counts as it is. Whatever is written next is signed.");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static void Say(Terminal terminal, DatabaseMigration migration)
    {
        foreach (var script in migration.Applied)
        {
            terminal.Say($"Applied {script}.");
        }
        terminal.Say(migration.Applied.Count == 0
            ? $"Nothing was missing in {migration.Database}." : $"{migration.Database} has the form of this release.");
    }
}
