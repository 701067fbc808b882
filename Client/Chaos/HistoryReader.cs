using System.Collections.Immutable;
using System.Diagnostics;
using Maestro.Applications;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Outside;
using Maestro.Outside.Infrastructure;
using Maestro.Storage;

namespace Maestro.Chaos;

/// <summary>Reads what a run has left: the targets' own journals, and the rows of the database.</summary>
internal sealed class HistoryReader(DrillFolder folder, DrillDatabase database, TimeProvider time)
{
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task<History> ReadAsync(
        ImmutableArray<DrillApplication> stormy, ImmutableArray<DrillApplication> calm, CancellationToken cancellation)
    {
        ImmutableArray<DrillApplication> all = [.. stormy, .. calm];
        var outbox = await UntilDrainedAsync(cancellation);
        var merges = new List<MergeLine>();
        foreach (var application in all)
        {
            merges.AddRange((await MergesAsync(application.Repository, cancellation)).Select(tree => new MergeLine(application.Name, tree)));
        }
        return new(
            await DeploymentsAsync(), [.. File.Exists(folder.EdgeJournal) ? EdgeJournal.Read(folder.EdgeJournal) : []],
            [.. all.SelectMany(application => Applied(application.Name))], [.. await File.ReadAllLinesAsync(folder.Builds, cancellation)], [.. merges],
            await LedgerAsync(), outbox, [], [], [.. stormy.SelectMany(application => application.Results)],
            [.. calm.SelectMany(application => application.Results)]);
    }

    private async Task<ImmutableArray<DeploymentHistory>> DeploymentsAsync()
    {
        var heads = await database.SelectAsync(
            "SELECT deployment, number, snapshot FROM deployment_head", row => (Id: row.GetString(0), Number: row.GetInt32(1), Snapshot: (byte[])row[2]));
        var rows = await database.SelectAsync(
            "SELECT deployment, number, body, writer, at FROM deployment_log ORDER BY deployment, number",
            row => (Id: row.GetString(0), Line: new LogLine(row.GetInt32(1), LogJson.Read((byte[])row[2]), row.GetString(3), StoredTime.Parse(row.GetString(4)))));
        var logs = rows.GroupBy(row => row.Id, row => row.Line).ToDictionary(log => log.Key, log => log.ToImmutableArray());
        return
        [
            .. logs.Keys.Union(heads.Select(head => head.Id)).Order(StringComparer.Ordinal).Select(id =>
            {
                var head = heads.FirstOrDefault(head => head.Id == id);
                return new DeploymentHistory(id, logs.GetValueOrDefault(id, []), head.Number, head.Snapshot);
            }),
        ];
    }

    private Task<ImmutableArray<LedgerEntry>> LedgerAsync() => database.SelectAsync(
        "SELECT idx, key, at, kind, actor, subject, body, before, hash FROM ledger ORDER BY idx",
        row => new LedgerEntry(
            row.GetInt64(0),
            new(row.GetString(1), StoredTime.Parse(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6)),
            row.GetString(7), row.GetString(8)));

    private async Task<ImmutableArray<string>> UntilDrainedAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var left = await database.SelectAsync("SELECT key FROM ledger_outbox", row => row.GetString(0));
            if (left.IsEmpty || time.GetElapsedTime(started) > DrainWithin)
            {
                return left;
            }
            await Task.Delay(Look, time, cancellation);
        }
    }

    private IEnumerable<AppliedLine> Applied(string application) =>
        new[] { EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName }.Select(name => new EnvironmentKey(application, name)).SelectMany(
            key => new Outside.Infrastructure.Journal(EnvironmentFiles.Of(Path.Combine(folder.Data, "worlds"), key)).Read().Select(line => new AppliedLine(key.ToString(), line)));

    private static async Task<string[]> MergesAsync(string repository, CancellationToken cancellation)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["log", "--first-parent", "--merges", "--format=%T", "main"])
        {
            WorkingDirectory = repository,
            RedirectStandardOutput = true,
        })!;
        var trees = await git.StandardOutput.ReadToEndAsync(cancellation);
        await git.WaitForExitAsync(cancellation);
        return trees.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
