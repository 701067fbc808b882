using System.Diagnostics.CodeAnalysis;
using Maestro.Identity;
using Maestro.Storage;
using Maestro.Storage.Postgres;

namespace Maestro.Hosting;

[SuppressMessage("Reliability", "CA2025", Justification = "Every wait is over before what it says is read.")]
public sealed class DatabaseWaitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_down_is_waited_for_and_spoken_of_once()
    {
        await using var server = await PostgresProcess.StartAsync();
        await using (var source = new PostgresSource(server.Text()))
        {
            await new PostgresSchema(TimeProvider.System).ApplyAsync(source, Cancellation);
        }
        await server.KillAsync();
        await using var said = new StringWriter();
        var waits = new CountedWaits();
        var ready = DatabaseWait.UntilReadyAsync(server.Text(), said, waits, Cancellation);
        await Eventually.IsTrueAsync(() => Task.FromResult(waits.Begun >= 3));
        Assert.False(ready.IsCompleted);
        Assert.Single(said.ToString().Trim().Split('\n'));
        await server.StartAgainAsync();
        await ready;
    }

    [Fact]
    public async Task What_waiting_cannot_mend_ends_it()
    {
        var tests = await PostgresServer.CurrentAsync();
        var server = await tests.StartedAsync();
        await using var said = new StringWriter();
        Task Wait(string text) => DatabaseWait.UntilReadyAsync(text, said, TimeProvider.System, Cancellation);
        await Expect.BrokenAsync("storage.login", () => Wait(server.Text(password: "wrong")));
        await Expect.BrokenAsync("storage.no-database", () => Wait(server.Text("nothing")));
        var empty = await tests.CreateAsync(migrated: false);
        await Expect.RefusedAsync("data.older", () => Wait(empty));
        Assert.Equal("", said.ToString());
    }

    private sealed class CountedWaits : TimeProvider
    {
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _begun);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
