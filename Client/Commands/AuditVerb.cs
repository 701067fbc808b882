using System.CommandLine;
using System.Globalization;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro audit</c>, with <c>tail</c> and <c>verify</c>.</summary>
internal static class AuditVerb
{
    private const string Ledger = "ledger/main";

    public static Command Create(SharedOptions shared) => new("audit", "Read the ledger, and check it.")
    {
        Tail(shared), Verify(shared), AuditProof.Prove(shared), AuditProof.Check(shared), AuditProof.Key(shared), AuditCheckpoint.Create(shared),
        AuditExport.Create(shared), AuditReport.Create(shared),
    };

    private static Command Tail(SharedOptions shared)
    {
        var count = SharedOptions.Number("--count", "How many.", 1, 1000, 20);
        var output = SharedOptions.Output();
        var command = new Command("tail", "Show the newest entries, the newest last.") { count, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var entries = await silo.Grain<ILedgerGrain>(Ledger).TailAsync(parsed.GetValue(count));
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("entries", entries));
                return ExitCode.Done;
            }
            terminal.Write(Columns.Of(["INDEX", "TIME (UTC)", "KIND", "ACTOR", "SUBJECT", "HASH"], entries.Select(Row)));
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static Command Verify(SharedOptions shared)
    {
        var output = SharedOptions.Output();
        var from = new Option<string?>("--from") { Description = "A checkpoint that you kept: the ledger must begin with what it covers.", HelpName = "FILE" };
        var command = new Command("verify", "Recompute the ledger and say where it first differs.") { output, from };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var found = await silo.Grain<ILedgerGrain>(Ledger).VerifyAsync();
            if (found.Verified && parsed.GetValue(from) is { Length: > 0 } known)
            {
                var fault = await AuditCheckpoint.FindFaultAsync(silo, LedgerKey.Find(null, shared.Folder(parsed)), known, cancellation);
                found = found with { Verified = fault is null, Difference = fault };
            }
            var (kept, shredded) = (0, 0);
            if (found.Verified)
            {
                (found, kept, shredded) = await CheckDocumentsAsync(silo.Grain<ILedgerGrain>(Ledger), found, cancellation);
            }
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of(
                    "verification", new { found.Verified, found.Entries, found.Head, found.Difference, Documents = kept, Shredded = shredded }));
            }
            else
            {
                terminal.Write(Shown(found, kept, shredded));
            }
            return found.Verified ? ExitCode.Done : ExitCode.Refused;
        }, cancellation));
        return command;
    }

    // In many calls: there can be more documents than one call may take.
    private static async Task<(LedgerVerification Found, int Kept, int Shredded)> CheckDocumentsAsync(
        ILedgerGrain ledger, LedgerVerification found, CancellationToken cancellation)
    {
        var (kept, shredded, next) = (0, 0, (long?)0);
        while (next is { } from)
        {
            cancellation.ThrowIfCancellationRequested();
            var check = await ledger.CheckDocumentsAsync(from);
            (kept, shredded, next) = (kept + check.Kept, shredded + check.Shredded, check.Next);
            if (check.Difference is { } difference)
            {
                return (found with { Verified = false, Difference = difference }, kept, shredded);
            }
        }
        return (found, kept, shredded);
    }

    private static Line Shown(LedgerVerification found, int kept, int shredded) => found.Verified
        ? Line.Of(new Span("✔ ", Tone.Good), new Span(string.Create(CultureInfo.InvariantCulture,
            $"{found.Entries} entries verified, head {found.Head}; {kept} documents are as written{(shredded > 0 ? $", {shredded} are shredded" : "")}")))
        : Line.Of(new Span("✖ ", Tone.Bad), new Span($"The ledger differs: {found.Difference}"));

    private static string Who(LedgerFact fact) => fact.OnBehalfOf is { } behalf ? $"{fact.Actor} for {behalf}" : fact.Actor;

    private static System.Collections.Immutable.ImmutableArray<Span> Row(LedgerEntry entry) =>
    [
        new(entry.Index.ToString(CultureInfo.InvariantCulture)),
        new(entry.Fact.At.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture), Tone.Faint),
        new(entry.Fact.Kind, Tone.Strong), new(Who(entry.Fact)), new(entry.Fact.Subject),
        new(entry.Hash.Length > 12 ? entry.Hash[..12] : entry.Hash, Tone.Faint),
    ];
}
