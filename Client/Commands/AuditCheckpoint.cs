using System.CommandLine;
using System.Globalization;
using Maestro.Audit;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro audit checkpoint</c>, and what a console that kept one can find out with it by itself.</summary>
internal static class AuditCheckpoint
{
    public static Command Create(SharedOptions shared)
    {
        var command = new Command(
            "checkpoint", "Print the newest signed checkpoint. Keep it: audit verify --from shows later that nothing before it was changed.");
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var growth = await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).GrowthAsync(0)
                ?? throw new SentenceException("Nothing is signed yet: a checkpoint is made within five seconds of the first entry.", ExitCode.NotFound);
            var terminal = shared.Terminal(parsed);
            await terminal.Out.WriteAsync(growth.Note);
            foreach (var witness in await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).OutsideAsync())
            {
                // Not with the note, which is to be kept as it is.
                terminal.Complain(Lateness(witness, (long)(Checkpoint.Read(SignedNote.Of(growth.Note).Text)?.Size ?? 0)));
            }
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    private static string Lateness(OutsideCosignature witness, long size) => witness.At is not { } at
        ? $"The outside witness {witness.Witness} has cosigned nothing since the ledger's silo was started."
        : string.Create(CultureInfo.InvariantCulture,
            $"The outside witness {witness.Witness} cosigned {witness.Size} of {size} signed entries, at {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.");

    /// <summary>Compares the ledger with a checkpoint that was kept. The proof is checked here: the silo is not asked for its opinion.</summary>
    /// <returns>Why the ledger is not the one of that checkpoint; null where it is.</returns>
    public static async Task<string?> FindFaultAsync(ISilo silo, NoteKey key, string file, CancellationToken cancellation)
    {
        var kept = Read(key, await ProofText.ReadAsync(file, TextReader.Null, cancellation))
            ?? throw new SentenceException($"{file} is no checkpoint that {key.Name} signed.");
        if (await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).GrowthAsync((long)kept.Size) is not { } growth)
        {
            return CheckpointComparison.Gone(kept).ToString();
        }
        return Read(key, growth.Note) is { } newest ? kept.FindFault(newest, growth.Proof)?.ToString() : $"The newest checkpoint is not signed by {key.Name}.";
    }

    private static Checkpoint? Read(NoteKey key, string text) => SignedNote.Read(text) is { } note ? LedgerKey.Read(key, note) : null;
}
