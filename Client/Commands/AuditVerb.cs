using System.CommandLine;
using System.Globalization;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro audit tail</c> and <c>maestro audit verify</c>.</summary>
internal static class AuditVerb
{
    private const string LedgerKey = "ledger/main";

    public static Command Create(SharedOptions shared) => new("audit", "Read the ledger, and check it.") { Tail(shared), Verify(shared) };

    private static Command Tail(SharedOptions shared)
    {
        var count = SharedOptions.Number("--count", "How many.", 1, 1000, 20);
        var output = SharedOptions.Output();
        var command = new Command("tail", "Show the newest entries, the newest last.") { count, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var entries = await silo.Grain<ILedgerGrain>(LedgerKey).TailAsync(parsed.GetValue(count));
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
        var command = new Command("verify", "Recompute the ledger and say where it first differs.") { output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var found = await silo.Grain<ILedgerGrain>(LedgerKey).VerifyAsync();
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("verification", found));
            }
            else
            {
                var entries = found.Entries.ToString(CultureInfo.InvariantCulture);
                terminal.Write(found.Verified
                    ? Line.Of(new Span("✔ ", Tone.Good), new Span($"{entries} entries verified, head {found.Head}"))
                    : Line.Of(new Span("✖ ", Tone.Bad), new Span($"The ledger differs: {found.Difference}")));
            }
            return found.Verified ? ExitCode.Done : ExitCode.Refused;
        }, cancellation));
        return command;
    }

    private static string Who(LedgerFact fact) => fact.OnBehalfOf is { } behalf ? $"{fact.Actor} for {behalf}" : fact.Actor;

    private static System.Collections.Immutable.ImmutableArray<Span> Row(LedgerEntry entry) =>
    [
        new(entry.Index.ToString(CultureInfo.InvariantCulture)),
        new(entry.Fact.At.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture), Tone.Faint),
        new(entry.Fact.Kind, Tone.Strong), new(Who(entry.Fact)), new(entry.Fact.Subject),
        new(entry.Hash.Length > 12 ? entry.Hash[..12] : entry.Hash, Tone.Faint),
    ];
}
