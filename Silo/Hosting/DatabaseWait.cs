using Maestro.Outside;
using Maestro.Storage.Postgres;

namespace Maestro.Hosting;

/// <summary>Waits for a database that will be there by itself, such as one that is just starting.</summary>
internal static class DatabaseWait
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private static readonly string[] Passing =
        ["storage.unreachable", "storage.stopping", "storage.slow", "storage.connections", "storage.full", "storage.read-only"];

    /// <summary>Returns once the database has this release's schema. Says why it waits, again only when the reason changes.</summary>
    /// <exception cref="Deployments.RefusedException">The schema is not this release's.</exception>
    /// <exception cref="OutsideException">What waiting cannot mend.</exception>
    public static async Task UntilReadyAsync(string database, TextWriter says, TimeProvider time, CancellationToken cancellation)
    {
        await using var source = new PostgresSource(database);
        string? said = null;
        while (true)
        {
            try
            {
                await new PostgresSchema(time).RequireAsync(source, cancellation);
                return;
            }
            catch (OutsideException failure) when (Passing.Contains(failure.Reason.Code, StringComparer.Ordinal))
            {
                if (said != failure.Reason.Code)
                {
                    await says.WriteLineAsync($"Waiting: {failure.Message}");
                    said = failure.Reason.Code;
                }
            }
            await Task.Delay(Pace, time, cancellation);
        }
    }
}
