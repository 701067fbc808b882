using System.CommandLine;
using System.Globalization;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro audit prove</c>, <c>check</c> and <c>key</c>: one entry that convinces somebody who has no silo.</summary>
internal static class AuditProof
{
    public static Command Prove(SharedOptions shared)
    {
        var index = new Argument<long>("INDEX") { Description = "The entry, as audit tail numbers it." };
        var command = new Command("prove", "Print an entry with the proof that it is in the ledger, to be checked anywhere.") { index };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var wanted = parsed.GetValue(index);
            var proof = await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).ProveAsync(wanted)
                ?? throw new SentenceException(string.Create(CultureInfo.InvariantCulture, $"The ledger has no entry {wanted}."), ExitCode.NotFound);
            await shared.Terminal(parsed).Out.WriteAsync(proof);
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    public static Command Check(SharedOptions shared)
    {
        var file = new Argument<string>("FILE") { Description = "What audit prove printed; - for standard input." };
        var given = new Option<string?>("--key")
        {
            Description = "The ledger's key, as audit key prints it. Default: that of the data folder.",
            HelpName = "KEY",
        };
        var command = new Command("check", "Check such a proof without a silo, and show the entry.") { file, given };
        command.SetAction(async (parsed, cancellation) =>
        {
            var text = await ProofText.ReadAsync(parsed.GetRequiredValue(file), shared.Setting.Terminal.In, cancellation);
            var key = LedgerKey.Find(parsed.GetValue(given), shared.Folder(parsed));
            var (line, code) = Judge(text, key);
            shared.Terminal(parsed).Write(line);
            return code;
        });
        return command;
    }

    public static Command Key(SharedOptions shared)
    {
        var command = new Command("key", "Print the key that the ledger's checkpoints are signed with.");
        command.SetAction(async (parsed, _) =>
        {
            await shared.Terminal(parsed).Out.WriteLineAsync(LedgerKey.Find(null, shared.Folder(parsed)).ToString());
            return ExitCode.Done;
        });
        return command;
    }

    private static (Line Line, int Code) Judge(string text, NoteKey key)
    {
        if (TlogProof.Read(text) is not { } proof)
        {
            return Refused("This is no proof of an entry: it has another form.");
        }
        if (LedgerKey.Read(key, proof.Checkpoint) is not { } checkpoint)
        {
            return Refused($"The checkpoint in it is not signed by {key.Name}.");
        }
        if (LedgerLeaf.Read([.. proof.Extra]) is not { } entry)
        {
            return Refused("The entry in it has another form.");
        }
        if ((ulong)entry.Index != proof.Index || !proof.Covers(MerkleTree.LeafHash([.. proof.Extra])))
        {
            return Refused("The entry in it is not the one that was signed.");
        }
        var said = string.Create(CultureInfo.InvariantCulture,
            $"Entry {entry.Index} of {checkpoint.Size} in {checkpoint.Origin}: {entry.Fact.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, ");
        return (Line.Of(new Span("✔ ", Tone.Good), new Span(said), new Span(entry.Fact.Kind, Tone.Strong),
            new Span($" by {entry.Fact.Actor} about {entry.Fact.Subject}: {entry.Fact.Body}")), ExitCode.Done);
    }

    private static (Line, int) Refused(string sentence) => (Line.Of(new Span("✖ ", Tone.Bad), new Span(sentence)), ExitCode.Refused);
}
