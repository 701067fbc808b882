using System.Collections.Immutable;
using System.Reflection;

namespace Maestro.Hosting;

/// <summary>How to start this program again with other arguments: the edge and the work launcher are processes of their own.</summary>
/// <param name="Program">The executable.</param>
/// <param name="Arguments">What comes before the command, such as the assembly where the executable is the dotnet host.</param>
public sealed record SelfCommand(string Program, ImmutableArray<string> Arguments)
{
    /// <summary>The running program; a test host names <c>maestro.dll</c> beside itself instead.</summary>
    public static SelfCommand Current { get; } = Find();

    private static SelfCommand Find()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "maestro.dll");
        var program = Environment.ProcessPath ?? "dotnet";
        var entry = Assembly.GetEntryAssembly()?.GetName().Name;
        return entry == "maestro" && Path.GetFileNameWithoutExtension(program) != "dotnet"
            ? new(program, [])
            : new(Path.GetFileNameWithoutExtension(program) == "dotnet" ? program : "dotnet", ["exec", beside]);
    }
}
