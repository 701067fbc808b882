using System.CommandLine;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro db migrate</c>: brings a database to the form of this release. Several may do it at once: one does, the others wait.</summary>
internal static class DbVerb
{
    public static Command Create(SharedOptions shared) => new("db", "Look after the database.") { Migrate(shared) };

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
