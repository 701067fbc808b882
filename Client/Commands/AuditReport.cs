using System.Collections.Immutable;
using System.CommandLine;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro audit report</c>: who did what in a week.</summary>
internal static class AuditReport
{
    private const int PageSize = 1000;

    // A fact is told to the ledger at once, or once the ledger is there again: so long before and after a week its facts are looked for.
    private static readonly TimeSpan Lateness = TimeSpan.FromDays(1);

    public static Command Create(SharedOptions shared)
    {
        var named = SharedOptions.Word("--week", "A week such as 2026-W47, or this, or last.", "WEEK", "last");
        var format = SharedOptions.Word("--format", "text or json.", "FORM", "text");
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("report", "Sum up a week: who did what, what was refused, how long people were waited for.") { named, format };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var now = shared.Setting.Time.GetUtcNow();
            var week = Week.Read(parsed.GetValue(named)!, now)
                ?? throw new SentenceException($"--week takes a week such as 2026-W47, or this, or last; not '{parsed.GetValue(named)}'.", ExitCode.Usage);
            var count = new WeekCount(week);
            await CountAsync(silo.Grain<ILedgerGrain>("ledger/main"), week, count, cancellation);
            var report = count.Report(await StateAsync(silo), now);
            var terminal = shared.Terminal(parsed);
            if (parsed.GetValue(format) == "json")
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("report", report));
            }
            else
            {
                terminal.Write(WeekPage.Of(report));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static async Task CountAsync(ILedgerGrain ledger, Week week, WeekCount count, CancellationToken cancellation)
    {
        var (next, end) = (await ledger.SeekAsync(week.Begin - Lateness), await ledger.SeekAsync(week.End + Lateness));
        while (next < end && await ledger.ReadAsync(next, (int)Math.Min(PageSize, end - next)) is { IsEmpty: false } page)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var entry in page)
            {
                count.Add(entry);
            }
            next = page[^1].Index + 1;
        }
    }

    private static async Task<LedgerState> StateAsync(ISilo silo)
    {
        if (await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).GrowthAsync(0) is not { } growth
            || SignedNote.Read(growth.Note) is not { } note || Checkpoint.Read(note.Text) is not { } checkpoint)
        {
            return new("nothing is signed yet", 0, "", []);
        }
        ImmutableArray<string> cosigners = [.. note.Signatures.Select(line => line.Name).Where(name => name != checkpoint.Origin)];
        return new(checkpoint.Origin, (long)checkpoint.Size, Convert.ToHexStringLower([.. checkpoint.Root]), cosigners);
    }
}
