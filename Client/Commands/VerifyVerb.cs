using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Maestro.Audit;
using Maestro.Connection;
using Maestro.Custody;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro verify</c>: repeats custody's checks, from a running silo or from a bundle alone.</summary>
internal static class VerifyVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared)
    {
        var id = new Argument<string?>("ID") { Description = "The deployment; left out with --bundle.", Arity = ArgumentArity.ZeroOrOne };
        var bundle = new Option<string?>("--bundle") { Description = "What maestro export printed; no silo is asked.", HelpName = "FILE" };
        var root = new Option<string?>("--root") { Description = "The root's public key. Default: that of the data folder.", HelpName = "KEYFILE" };
        var (attempt, output) = (ExportVerb.Attempt(), SharedOptions.Output());
        var command = new System.CommandLine.Command("verify", "Repeat the checks before production, and say which hold.")
        {
            id, bundle, root, attempt, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var trusted = BundleFile.Root(parsed.GetValue(root), shared.Folder(parsed));
            if (parsed.GetValue(bundle) is { Length: > 0 } file)
            {
                var read = AuditBundle.Read(await BundleFile.ReadAsync(file, cancellation));
                return await ShowAsync(shared, parsed, output, await BundleFile.CheckAsync(read, trusted, shared.Setting.Time, cancellation));
            }
            var typed = parsed.GetValue(id) ?? throw new SentenceException("Name a deployment, or a bundle with --bundle FILE.", ExitCode.Usage);
            return await shared.WithSiloAsync(parsed, async silo => await ShowAsync(
                shared, parsed, output, await AskAsync(silo, typed, parsed.GetValue(attempt), trusted, shared.Setting.Time, cancellation)), cancellation);
        });
        return command;
    }

    // The silo is asked for facts only; what follows from them is found out here.
    private static async Task<ImmutableArray<Check>> AskAsync(
        ISilo silo, string typed, int? attempt, string root, TimeProvider time, CancellationToken cancellation)
    {
        var view = await DeploymentLookup.ViewAsync(silo, typed);
        var bundle = AuditBundle.Read(Encoding.UTF8.GetBytes(await ExportVerb.ReadAsync(silo, view.Id, attempt ?? view.Attempt)));
        var checks = await BundleFile.CheckAsync(bundle, root, time, cancellation);
        var again = await silo.Grain<ICustodyGrain>($"custody/{view.Application}/production").RepeatAsync(view.Id, bundle.Attempt);
        var grown = await LedgerAsync(silo, bundle, root);
        // A silo's word fills in what cannot be found out here, and never takes the place of what was.
        return
        [
            .. checks.Where(check => check.Name != grown.Name).Select(check => check.Result == CheckResult.NotRepeated
                ? again.FirstOrDefault(repeated => repeated.Name == check.Name) ?? check
                : check),
            grown,
        ];
    }

    private static async Task<Check> LedgerAsync(ISilo silo, AuditBundle bundle, string root)
    {
        var kept = BundleFile.CheckpointOf(bundle, root);
        var growth = await silo.Grain<ICheckpointGrain>(ICheckpointGrain.Key).GrowthAsync((long)kept.Size);
        var fault = growth is null ? CheckpointComparison.Gone(kept)
            : BundleFile.CheckpointOf(bundle with { Checkpoint = growth.Note }, root) is var newest ? kept.FindFault(newest, growth.Proof) : null;
        var expected = string.Create(CultureInfo.InvariantCulture, $"a ledger that begins with its first {kept.Size} entries");
        var result = fault is null ? CheckResult.Holds : CheckResult.Differs;
        return new("ledger", "the silo's newest checkpoint", expected, fault?.Found ?? expected, result, fault);
    }

    private static async Task<int> ShowAsync(SharedOptions shared, ParseResult parsed, Option<string> output, ImmutableArray<Check> checks)
    {
        var terminal = shared.Terminal(parsed);
        if (SharedOptions.AsksForJson(parsed, output))
        {
            await terminal.Out.WriteLineAsync(JsonOutput.Of("checks", checks));
        }
        else
        {
            terminal.Write(Columns.Of(["", "CHECK", "EXPECTED", "FOUND", "SOURCE"], checks.Select(Row)));
            terminal.Say(Summary(checks));
        }
        return checks.Any(check => check.Result == CheckResult.Differs) ? ExitCode.Refused : ExitCode.Done;
    }

    private static ImmutableArray<Span> Row(Check check) =>
    [
        check.Result switch
        {
            CheckResult.Holds => new("✔", Tone.Good),
            CheckResult.Differs => new("✖", Tone.Bad),
            _ => new("-", Tone.Faint),
        },
        new(check.Name, Tone.Strong), new Span(check.Expected).Cut(60),
        check.Result == CheckResult.NotRepeated
            ? new Span(check.Found.Length > 0 ? $"not repeated here; then: {check.Found}" : "not repeated here", Tone.Faint).Cut(60)
            : new Span(check.Found).Cut(60),
        new(check.Source, Tone.Faint),
    ];

    private static string Summary(ImmutableArray<Check> checks)
    {
        var (hold, differ) = (checks.Count(check => check.Result == CheckResult.Holds), checks.Count(check => check.Result == CheckResult.Differs));
        return string.Create(CultureInfo.InvariantCulture,
            $"{hold} checks hold, {differ} do not, {checks.Length - hold - differ} cannot be repeated here.");
    }
}
