using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro version</c>.</summary>
internal static class VersionVerb
{
    /// <summary>Such as <c>0.1.0</c> and the commit.</summary>
    public static string Product => typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create(SharedOptions shared)
    {
        var output = SharedOptions.Output();
        var command = new Command("version", "Show which Maestro this is.") { output };
        command.SetAction(parsed =>
        {
            var version = Product;
            var terminal = shared.Terminal(parsed);
            terminal.Out.WriteLine(SharedOptions.AsksForJson(parsed, output)
                ? JsonOutput.Of("version", new { Maestro = version, Runtime = RuntimeInformation.FrameworkDescription })
                : $"maestro {version} on {RuntimeInformation.FrameworkDescription}");
            return ExitCode.Done;
        });
        return command;
    }
}
