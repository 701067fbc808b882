using System.CommandLine;
using System.Globalization;
using System.Text;
using Maestro.Audit;
using Maestro.Connection;

namespace Maestro.Commands;

/// <summary><c>maestro audit export</c>: the ledger, or a part of it, for other tools.</summary>
internal static class AuditExport
{
    private const string Lines = "jsonl";
    private const string Ocsf = "ocsf";
    private const string Next = "1.9-dev";

    public static Command Create(SharedOptions shared)
    {
        var format = Among("--format", "jsonl (entries as they are) or ocsf (events for a security tool).", Lines, Ocsf);
        var version = Among("--ocsf-version", "1.8, or 1.9-dev with the profiles record_integrity and ai_operation.", "1.8", Next);
        var from = Index("--from", "The first entry.");
        var to = Index("--to", "The last entry. Default: the last one that is signed.");
        var since = new Option<string?>("--since")
        {
            Description = "From the first entry of this time on, such as 2026-11-23 or 2026-11-23T14:00Z.",
            HelpName = "TIME",
        };
        var file = new Option<string?>("--output") { Description = "Write to this file, which is there only once it is whole.", HelpName = "FILE" };
        var command = new Command("export", "Write entries of the ledger for other tools, and the checkpoint that covers them.")
        {
            format, version, from, to, since, file,
        };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, silo => WriteAsync(
            shared, parsed, silo,
            new(parsed.GetValue(format) == Ocsf, parsed.GetValue(version) == Next, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(since),
                parsed.GetValue(file)),
            cancellation), cancellation));
        return command;
    }

    private static async Task<int> WriteAsync(SharedOptions shared, ParseResult parsed, ISilo silo, Wish wish, CancellationToken cancellation)
    {
        var ledger = silo.Grain<ILedgerGrain>("ledger/main");
        var growth = await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).GrowthAsync(0)
            ?? throw new SentenceException("Nothing is signed yet: a checkpoint is made within five seconds of the first entry.", ExitCode.NotFound);
        var note = SignedNote.Of(growth.Note);
        IEntryWriter writer = wish.Ocsf
            ? new OcsfWriter(Checkpoint.Read(note.Text)?.Origin ?? "", VersionVerb.Product, wish.Profiles)
            : new JsonLines();
        var first = await FirstAsync(ledger, wish.From, wish.Since);
        await using var output = Open(wish.File, shared.Terminal(parsed).Out);
        var export = new LedgerExport(ledger, note, writer, output.Writer, shared.Setting.Time);
        if (first > export.Signed)
        {
            throw new SentenceException(string.Create(
                CultureInfo.InvariantCulture, $"The ledger has {export.Signed} signed entries, numbered from 0."), ExitCode.NotFound);
        }
        var count = await export.WriteAsync(first, wish.To + 1 ?? long.MaxValue, cancellation);
        if (await output.CompleteAsync() is { } whole)
        {
            shared.Terminal(parsed).Say(string.Create(CultureInfo.InvariantCulture, $"{count} entries are in {whole}."));
        }
        return ExitCode.Done;
    }

    private static async Task<long> FirstAsync(ILedgerGrain ledger, long? from, string? since)
    {
        if (since is null)
        {
            return from ?? 0;
        }
        if (from is not null)
        {
            throw new SentenceException("Give --from or --since, not both.", ExitCode.Usage);
        }
        return DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? await ledger.SeekAsync(at)
            : throw new SentenceException($"--since takes a time such as 2026-11-23 or 2026-11-23T14:00Z, not '{since}'.", ExitCode.Usage);
    }

    private static ExportFile Open(string? path, TextWriter terminal)
    {
        try
        {
            return path is null ? new(null, terminal) : ExportFile.Create(Path.GetFullPath(path));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new SentenceException(unwritable.Message, unwritable);
        }
    }

    private static Option<string> Among(string name, string description, string fallback, string other)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "FORM", DefaultValueFactory = _ => fallback };
        option.AcceptOnlyFromAmong(fallback, other);
        return option;
    }

    private static Option<long?> Index(string name, string description)
    {
        var option = new Option<long?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n == long.MaxValue))
            {
                result.AddError($"{name} takes the number of an entry, from 0, not '{token.Value}'.");
            }
        });
        return option;
    }

    /// <summary>What is to be exported.</summary>
    private sealed record Wish(bool Ocsf, bool Profiles, long? From, long? To, string? Since, string? File);

    /// <summary>Where an export goes. A file has its name only once it is whole, and is its owner's alone.</summary>
    private sealed class ExportFile(string? path, TextWriter writer) : IAsyncDisposable
    {
        private bool _complete;

        public TextWriter Writer => writer;

        private static string PartOf(string path) => $"{path}.part";

        public static ExportFile Create(string path)
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
#pragma warning disable CA2000 // It is disposed with the export.
            return new(path, new StreamWriter(PartOf(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options));
#pragma warning restore CA2000
        }

        public async Task<string?> CompleteAsync()
        {
            if (path is not null)
            {
                await writer.DisposeAsync();
                File.Move(PartOf(path), path, overwrite: true);
                _complete = true;
            }
            return path;
        }

        public async ValueTask DisposeAsync()
        {
            if (path is not null && !_complete)
            {
                await writer.DisposeAsync();
                File.Delete(PartOf(path));
            }
        }
    }
}
