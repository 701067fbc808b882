using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>What every <see cref="IDeploymentLog"/> does, whichever database it is in.</summary>
public abstract class DeploymentLogContract : IAsyncLifetime
{
    private static readonly DeploymentId Shop = Database.Deployment();
    private TestDatabase _database = null!;
    private IDeploymentLog _log = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_entry_is_read_back_as_it_was_written()
    {
        var at = Database.Noon.AddTicks(1234567);
        var evidence = Database.Evidence;
        LogEntry[] entries =
        [
            new LogEntry.AttemptOpened(1, at, "ann", "head", "base", "tree", evidence, 1),
            new LogEntry.Started(1, at, "role:control", Stage.Review, 1, at.AddMinutes(15)),
            new LogEntry.Proved(1, at, "role:review", Stage.Review, 1, evidence),
            new LogEntry.Refused(1, at, "role:deployment", Stage.Build, 1, "build.failed", evidence),
            new LogEntry.Broke(1, at, "role:deployment", Stage.Test, 2, "work.lost", null),
            new LogEntry.CancelRequested(1, at, "ann", "superseded"),
            new LogEntry.Undone(1, at, "role:deployment", Stage.Promote, null),
            new LogEntry.Commanded(1, at, "ann", Command.RollBack, "release-7"),
            new LogEntry.Closed(1, at, "role:control", Outcome.RolledBack, "promote.refused"),
        ];
        for (var i = 0; i < entries.Length; i++)
        {
            Assert.True(await _log.AppendAsync(Database.Append(Shop, i + 1, entry: entries[i], due: at), Cancellation));
        }

        var stored = await _log.ReadAsync(Shop, 1, 100, Cancellation);
        Assert.Equal(entries, stored.Select(row => row.Entry));
        Assert.Equal(Enumerable.Range(1, entries.Length), stored.Select(row => row.Number));
        Assert.Equal([entries[3], entries[4]], (await _log.ReadAsync(Shop, 4, 2, Cancellation)).Select(row => row.Entry));
        var head = await _log.ReadHeadAsync(Shop, Cancellation);
        Assert.NotNull(head);
        Assert.Equal((entries.Length, at, at), (head.Number, head.UpdatedAt, head.Due));
        Assert.Equal("{\"a\":1}"u8.ToArray(), head.Snapshot.ToArray());
        Assert.Null(await _log.ReadHeadAsync(Database.Deployment(9), Cancellation));
    }

    [Fact]
    public async Task An_entry_is_taken_only_after_the_one_before_it()
    {
        Assert.False(await _log.AppendAsync(Database.Append(Shop, 2), Cancellation));
        Assert.False(await _log.AppendAsync(Database.Append(Shop, 0), Cancellation));
        Assert.True(await _log.AppendAsync(Database.Append(Shop, 1), Cancellation));
        Assert.False(await _log.AppendAsync(Database.Append(Shop, 1, "silo-2"), Cancellation));
        Assert.False(await _log.AppendAsync(Database.Append(Shop, 3), Cancellation));
        Assert.Equal("silo-1", Assert.Single(await _log.ReadAsync(Shop, 1, 10, Cancellation)).Writer);
        Assert.Single(await _database.Ledger.ReadOutboxAsync(10, Cancellation));
    }

    [Fact]
    public async Task Sixty_four_writers_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(1, 64).Select(async writer =>
        {
            for (var number = 1; number <= 20; number++)
            {
                Assert.True(await _log.AppendAsync(Database.Append(Database.Deployment(writer), number), Cancellation));
            }
        }));
        for (var writer = 1; writer <= 64; writer++)
        {
            var rows = await _log.ReadAsync(Database.Deployment(writer), 1, 100, Cancellation);
            Assert.Equal(Enumerable.Range(1, 20), rows.Select(row => row.Number));
        }
        Assert.Equal(64 * 20, (await _database.Ledger.ReadOutboxAsync(10_000, Cancellation)).Length);
    }

    [Fact]
    public async Task Of_two_competing_writers_exactly_one_wins_each_number()
    {
        var other = _database.OpenLog();
        await using var closing = (IAsyncDisposable)other;
        var wins = new Dictionary<string, List<int>> { ["silo-1"] = [], ["silo-2"] = [] };
        for (var number = 1; number <= 50; number++)
        {
            var took = await Task.WhenAll(
                _log.AppendAsync(Database.Append(Shop, number, "silo-1"), Cancellation),
                other.AppendAsync(Database.Append(Shop, number, "silo-2"), Cancellation));
            Assert.Single(took, true);
            wins[took[0] ? "silo-1" : "silo-2"].Add(number);
        }
        foreach (var row in await _log.ReadAsync(Shop, 1, 100, Cancellation))
        {
            Assert.Contains(row.Number, wins[row.Writer]);
        }
    }

    [Fact]
    public async Task In_a_poisoned_batch_only_the_bad_row_fails()
    {
        var deployments = Enumerable.Range(1, 200).Select(Database.Deployment).ToArray();
        var appends = deployments.Select((deployment, i) =>
            _log.AppendAsync(Database.Append(deployment, 1, i % 50 == 7 ? new string('x', 501) : "silo-1"), Cancellation)).ToArray();
        for (var i = 0; i < appends.Length; i++)
        {
            if (i % 50 == 7)
            {
                await Expect.RefusedAsync("storage.row", () => appends[i]);
                Assert.Null(await _log.ReadHeadAsync(deployments[i], Cancellation));
            }
            else
            {
                Assert.True(await appends[i]);
            }
        }
    }

    [Fact]
    public async Task A_row_that_fails_halfway_leaves_nothing_behind()
    {
        var append = Database.Append(Shop, 1);
        var tooLarge = Database.Fact("other") with { Body = new string('x', 8193) };
        await Assert.ThrowsAsync<RefusedException>(() =>
            _log.AppendAsync(append with { Outbox = [.. append.Outbox, tooLarge] }, Cancellation));
        Assert.Null(await _log.ReadHeadAsync(Shop, Cancellation));
        Assert.Empty(await _log.ReadAsync(Shop, 1, 10, Cancellation));
        Assert.Empty(await _database.Ledger.ReadOutboxAsync(10, Cancellation));
        Assert.True(await _log.AppendAsync(append, Cancellation));
    }

    [Fact]
    public async Task A_snapshot_over_its_limit_is_refused()
    {
        var append = Database.Append(Shop, 1);
        Task<bool> WithSnapshot(int length) =>
            _log.AppendAsync(append with { Head = append.Head with { Snapshot = new byte[length] } }, Cancellation);
        await Expect.RefusedAsync("storage.snapshot", () => WithSnapshot(1901));
        Assert.True(await WithSnapshot(1900));
    }

    [Fact]
    public async Task A_closed_log_says_so()
    {
        await CloseAsync();
        await Expect.BrokenAsync("storage.closed", () => _log.AppendAsync(Database.Append(Shop, 1), Cancellation));
    }

    [Fact]
    public async Task Closing_waits_for_what_was_taken()
    {
        var appends = Enumerable.Range(1, 300)
            .Select(number => _log.AppendAsync(Database.Append(Database.Deployment(number), 1), Cancellation)).ToArray();
        await CloseAsync();
        Assert.All(await Task.WhenAll(appends), Assert.True);
    }

    [Fact]
    public async Task Due_deployments_come_longest_overdue_first_and_move_only_for_who_has_seen_the_last_entry()
    {
        for (var i = 1; i <= 4; i++)
        {
            DateTimeOffset? due = i == 4 ? null : Database.Noon.AddMinutes(-i);
            await _log.AppendAsync(Database.Append(Database.Deployment(i), 1, due: due), Cancellation);
        }
        Assert.Equal(
            [Database.Deployment(3), Database.Deployment(2)], await _log.ReadDueAsync(Database.Noon.AddMinutes(-2), 10, Cancellation));
        Assert.Equal([Database.Deployment(3)], await _log.ReadDueAsync(Database.Noon, 1, Cancellation));

        await _log.SetDueAsync(Database.Deployment(3), 1, null, Cancellation);
        await _log.SetDueAsync(Database.Deployment(2), 0, null, Cancellation);
        await _log.SetDueAsync(Database.Deployment(4), 1, Database.Noon.AddHours(-1), Cancellation);
        Assert.Equal(
            [Database.Deployment(4), Database.Deployment(2), Database.Deployment(1)],
            await _log.ReadDueAsync(Database.Noon, 10, Cancellation));
    }

    [Fact]
    public async Task The_newest_heads_come_first_and_can_be_those_of_one_application()
    {
        for (var i = 1; i <= 3; i++)
        {
            var append = Database.Append(Database.Deployment(i), 1);
            var head = append.Head with { Application = i == 2 ? "till" : "shop", UpdatedAt = Database.Noon.AddMinutes(i) };
            await _log.AppendAsync(append with { Head = head }, Cancellation);
        }
        Assert.Equal([3, 2, 1], (await _log.ListAsync(null, 10, Cancellation)).Select(head => head.Deployment.Number));
        Assert.Equal([3, 1], (await _log.ListAsync("shop", 10, Cancellation)).Select(head => head.Deployment.Number));
        Assert.Equal([3], (await _log.ListAsync("shop", 1, Cancellation)).Select(head => head.Deployment.Number));
    }

    [Fact]
    public async Task Pages_go_through_every_head_once()
    {
        await Task.WhenAll(Enumerable.Range(1, 7).Select(i => _log.AppendAsync(Database.Append(Database.Deployment(i), 1), Cancellation)));
        var found = new List<int>();
        DeploymentId? after = null;
        while (await _log.PageAsync(after, 3, Cancellation) is [.., var last] page)
        {
            found.AddRange(page.Select(head => head.Deployment.Number));
            after = last.Deployment;
        }
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], found);
    }

    [Fact]
    public async Task Waking_all_makes_due_what_was_due_later()
    {
        await _log.AppendAsync(Database.Append(Database.Deployment(1), 1, due: Database.Noon.AddHours(2)), Cancellation);
        await _log.AppendAsync(Database.Append(Database.Deployment(2), 1), Cancellation);
        Assert.Empty(await _log.ReadDueAsync(Database.Noon, 10, Cancellation));
        await _log.WakeAllAsync(Database.Noon, Cancellation);
        Assert.Equal([Database.Deployment(1)], await _log.ReadDueAsync(Database.Noon, 10, Cancellation));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_damage_and_not_a_crash()
    {
        await _log.AppendAsync(Database.Append(Shop, 1), Cancellation);
        _database.Tamper($"{_database.WithoutGuards} UPDATE deployment_log SET body = {Blob("{\"kind\":\"Nothing\"}")}");
        await Expect.BrokenAsync("storage.damaged", () => _log.ReadAsync(Shop, 1, 10, Cancellation));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await CreateAsync();
        _log = _database.OpenLog();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await CloseAsync();
            await _database.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TestDatabase> CreateAsync();

    /// <summary>These bytes as the database writes them down.</summary>
    protected abstract string Blob(string text);

    private ValueTask CloseAsync() => ((IAsyncDisposable)_log).DisposeAsync();
}
