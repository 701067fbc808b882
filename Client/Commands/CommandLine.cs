using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Commands;

/// <summary>The console from its arguments to its exit code. Whatever goes wrong ends as one sentence, never as a stack trace.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ConsoleSetting setting, CancellationToken cancellation = default)
    {
        try
        {
            return PassedThrough(arguments, setting) is { } entry
                ? await entry(setting, [.. arguments.Skip(1)], cancellation)
                : await ParsedAsync(arguments, setting, cancellation);
        }
        catch (RefusedException refused)
        {
            setting.Terminal.Complain(Sentences.Of(refused.Reason));
            return IsAboutAbsence(refused.Reason) ? ExitCode.NotFound : ExitCode.Refused;
        }
        catch (OutsideException broken)
        {
            setting.Terminal.Complain(Sentences.Of(broken.Reason));
            return ExitCode.Refused;
        }
        catch (SentenceException ended)
        {
            setting.Terminal.Complain(ended.Message);
            return ended.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception silent) when (silent is OrleansException or TimeoutException)
        {
            setting.Terminal.Complain("The silo stopped answering. Look at its output, and try again.");
            return ExitCode.NoSilo;
        }
#pragma warning disable CA1031 // The outermost host: a stack trace is of no use to the person.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            setting.Terminal.Complain($"Maestro failed by a fault of its own: {fault.Message}");
            return ExitCode.Fault;
        }
    }

    // These own their arguments: none of them may be taken for an option of the console.
    private static Func<ConsoleSetting, IReadOnlyList<string>, CancellationToken, Task<int>>? PassedThrough(
        IReadOnlyList<string> arguments, ConsoleSetting setting) => arguments is [var verb, ..] && !AsksForHelp(arguments)
        ? verb switch
        {
            "edge" => setting.EntryPoints.Edge,
            "work" => setting.EntryPoints.Work,
            _ => null,
        }
        : null;

    private static bool AsksForHelp(IReadOnlyList<string> arguments) => arguments is [_, "--help" or "-h" or "-?"];

    private static async Task<int> ParsedAsync(IReadOnlyList<string> arguments, ConsoleSetting setting, CancellationToken cancellation)
    {
        var root = Verbs.Root(setting);
        var parsed = root.Parse(Completable(arguments));
        if (parsed.Errors.Count > 0 && !parsed.Tokens.Any(token => token.Type is TokenType.Directive))
        {
            throw new SentenceException(Sentences.Of(parsed), ExitCode.Usage);
        }
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = setting.Terminal.Out,
            Error = setting.Terminal.Error,
        };
        return await parsed.InvokeAsync(configuration, cancellation);
    }

    // Without a position the library looks for a word that is not there.
    private static IReadOnlyList<string> Completable(IReadOnlyList<string> arguments) => arguments is ["[suggest]", var line]
        ? [string.Create(CultureInfo.InvariantCulture, $"[suggest:{line.Length}]"), line]
        : arguments;

    private static bool IsAboutAbsence(Reason reason) =>
        reason.Code.EndsWith(".unknown", StringComparison.Ordinal)
        || reason.Code.EndsWith(".absent", StringComparison.Ordinal)
        || reason.Code.EndsWith("not-found", StringComparison.Ordinal);
}
