using Maestro.Commands;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Client;

/// <summary>One run of the console in this process, with what it printed.</summary>
internal sealed record ConsoleRun(int ExitCode, string Out, string Error)
{
    public static Task<ConsoleRun> OfAsync(params string[] arguments) => OfAsync(new SiloConnector(TimeProvider.System), arguments);

    public static Task<ConsoleRun> OfAsync(ISiloConnector connector, params string[] arguments) => OfAsync(connector, new PersonSigner(), null, arguments);

    /// <param name="said">What the person types; null where nobody is there.</param>
    public static async Task<ConsoleRun> OfAsync(ISiloConnector connector, IPersonSigner signer, string? said, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader(said ?? "");
        var terminal = new Terminal(input, output, error, Colour: false, int.MaxValue, Interactive: said is not null);
        var setting = new ConsoleSetting(terminal, new FixedTime(), connector, signer, EntryPoints.OfProcess);
        var code = await CommandLine.RunAsync(arguments, setting, TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SampleViews.Now;
    }
}
