#pragma warning disable CA2002, CA2025 // The writer locks itself so, and the login has ended before it goes.
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Sessions;

/// <summary>The console in this process, by the real clock, for the people of one data folder.</summary>
internal static class SignedConsole
{
    public static async Task<(int Code, string Said)> RunAsync(string data, params string[] arguments)
    {
        using var said = new StringWriter();
        return (await StartAsync(data, said, arguments), said.ToString());
    }

    /// <summary>Signs in, with a visitor of the issuer who does with the address what is said.</summary>
    public static async Task<(int Code, string Said)> LoginAsync(string data, Func<Uri, Task> visit)
    {
        using var said = new StringWriter();
        // The login writes while the address is looked for.
        using var output = TextWriter.Synchronized(said);
        string Said()
        {
            lock (output)
            {
                return said.ToString();
            }
        }
        var login = StartAsync(data, output, "login");
        await Eventually.IsTrueAsync(() => Task.FromResult(login.IsCompleted || AddressIn(Said()) is not null));
        if (AddressIn(Said()) is { } address)
        {
            await visit(address);
        }
        return (await login, Said());
    }

    private static Task<int> StartAsync(string data, TextWriter output, params string[] arguments)
    {
        var terminal = new Terminal(TextReader.Null, output, output, Colour: false, int.MaxValue, Interactive: false);
        var setting = new ConsoleSetting(
            terminal, TimeProvider.System, new SiloConnector(TimeProvider.System), new PersonSigner(), EntryPoints.OfProcess);
        return CommandLine.RunAsync([.. arguments, "--data", data], setting, TestContext.Current.CancellationToken);
    }

    // A line that is not ended yet may be half an address.
    private static Uri? AddressIn(string said) => said.Split('\n')[..^1]
        .Where(line => line.StartsWith("http", StringComparison.Ordinal)).Select(line => new Uri(line)).FirstOrDefault();
}
