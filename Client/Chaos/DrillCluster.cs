using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Maestro.Connection;
using Maestro.Hosting;
using Npgsql;

namespace Maestro.Chaos;

/// <summary>The silos of a drill and their PostgreSQL. Everything it started ends with it.</summary>
internal sealed class DrillCluster(DrillFolder folder, DrillWebhooks webhooks, Func<string, IWireWatcher> watcherOf, TimeProvider time) : IAsyncDisposable
{
    private const int StartTries = 3;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public PrivatePostgres Postgres { get; } = new(folder.Postgres, time);

    public ImmutableArray<DrillSilo> Silos { get; private set; } = [];

    public async Task StartAsync(CancellationToken cancellation)
    {
        await Postgres.CreateAsync(cancellation);
        await Postgres.MigrateAsync(cancellation);
        var login = await Postgres.LoginAsync(cancellation);
        Silos = [.. webhooks.Ports.Select((port, place) => Silo(FormattableString.Invariant($"silo-{place + 1}"), port, login))];
        await StartEndedAsync(cancellation);
    }

    /// <summary>Starts the silos again that have ended, and waits until all answer.</summary>
    public Task StartEndedAsync(CancellationToken cancellation) =>
        Task.WhenAll(Silos.Where(silo => silo.HasEnded).Select(silo => StartAsync(silo, cancellation)));

    /// <summary>Waits until the cluster has exactly the silos that run.</summary>
    public async Task UntilWholeAsync(DrillDatabase database, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (Silos.Any(silo => silo.HasEnded || !silo.IsUp) || await database.ActiveAsync() != Silos.Length)
        {
            if (Silos.Any(silo => silo.HasEnded))
            {
                await StartEndedAsync(cancellation);
            }
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new SentenceException("The silos did not become one cluster again within three minutes.", ExitCode.Refused);
            }
            await Task.Delay(Look, time, cancellation);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The silo disposes its proxy.")]
    private DrillSilo Silo(string name, int webhookPort, string login)
    {
        var proxy = new WireProxy(Postgres.Port, watcherOf(name), time);
        return new(
            name, folder.Data, proxy, new NpgsqlConnectionStringBuilder(login) { Port = proxy.Port }.ConnectionString,
            [
                "--webhook-port", webhookPort.ToString(CultureInfo.InvariantCulture), "--webhook-secret", $"{DrillWebhooks.Source}={webhooks.SecretFile}",
            ],
            time);
    }

    public DrillSilo Silo(string name) => Silos.First(silo => silo.Name == name);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }
        if (Directory.Exists(folder.Data))
        {
            await SiloHost.EndAsync(folder.Data, CancellationToken.None);
        }
        await Postgres.DisposeAsync();
    }

    // One that is started while the database comes back may give up; an operator's supervisor starts it again too.
    private static async Task StartAsync(DrillSilo silo, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await silo.StartAsync(cancellation);
                return;
            }
            catch (SentenceException) when (tries < StartTries)
            {
            }
        }
    }
}
