using System.CommandLine;
using Maestro.Connection;
using Maestro.Screen;
using Maestro.Storage;
using Maestro.Storage.Postgres;

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
            await (text is null
                ? SqliteAsync(shared.Terminal(parsed), shared.Folder(parsed), shared.Setting.Time)
                : PostgresAsync(shared.Terminal(parsed), text, shared.Setting.Time, cancellation));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PostgresAsync(Terminal terminal, string text, TimeProvider time, CancellationToken cancellation)
    {
        await using var source = new PostgresSource(text);
        Say(terminal, await new PostgresSchema(time).ApplyAsync(source, cancellation), source.Shown);
    }

    private static async Task SqliteAsync(Terminal terminal, string folder, TimeProvider time)
    {
        using var data = Storage.DataFolder.Open(folder);
        await using var source = new SqliteSource(data.Database);
        Say(terminal, new Schema(time).Apply(source), data.Database);
    }

    private static void Say(Terminal terminal, IReadOnlyList<string> applied, string database)
    {
        foreach (var script in applied)
        {
            terminal.Say($"Applied {script}.");
        }
        terminal.Say(applied.Count == 0 ? $"Nothing was missing in {database}." : $"{database} has the form of this release.");
    }
}
