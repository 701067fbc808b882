using System.Collections.Immutable;

namespace Maestro.Outside.Processes;

/// <summary>Environments of child processes, built from nothing: no variable of the silo reaches them.</summary>
internal static class CleanEnvironment
{
    /// <summary>The folder of the .NET host that runs this silo; null where there is none, as in a self-contained program.</summary>
    public static string? DotnetRoot { get; } = FindDotnet();

    /// <summary>Where commands without a path are looked for, inside the sandbox as outside.</summary>
    public static ImmutableArray<string> SearchPath { get; } =
        [.. new[] { "/usr/local/bin", "/usr/bin", "/bin", DotnetRoot }.OfType<string>()];

    public static ImmutableSortedDictionary<string, string> ForLauncher(string marker) => Basic().AddRange(
    [
        new(WorkFile.MarkerVariable, marker),
        // Without it the runtime opens a debugging socket in /tmp that whoever is the same user can attach to.
        new("DOTNET_EnableDiagnostics", "0"),
        new("DOTNET_gcServer", "0"),
    ]).ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <param name="home">A writable folder that is empty.</param>
    /// <param name="temporary">A writable folder for temporary files.</param>
    /// <param name="packages">Where packages are restored to.</param>
    public static ImmutableSortedDictionary<string, string> ForWork(string home, string temporary, string packages) => Basic().AddRange(
    [
        new("HOME", home),
        new("TMPDIR", temporary),
        new("NUGET_PACKAGES", packages),
        new("DOTNET_CLI_HOME", home),
        new("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
        new("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "1"),
        new("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false"),
        new("DOTNET_NOLOGO", "1"),
        new("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "1"),
        // Servers that compilers leave behind would keep the build from ending.
        new("DOTNET_CLI_USE_MSBUILD_SERVER", "0"),
        new("MSBUILDDISABLENODEREUSE", "1"),
        new("UseSharedCompilation", "false"),
    ]).ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, string> ForInstance(string home, string temporary) => Basic().AddRange(
    [
        new("HOME", home),
        new("TMPDIR", temporary),
        new("DOTNET_EnableDiagnostics", "0"),
        new("DOTNET_NOLOGO", "1"),
    ]).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, string> Basic()
    {
        var basic = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("PATH", string.Join(':', SearchPath))
            .Add("LANG", "C.UTF-8");
        return DotnetRoot is null ? basic : basic.Add("DOTNET_ROOT", DotnetRoot);
    }

    private static string? FindDotnet()
    {
        // {root}/shared/Microsoft.NETCore.App/{version}/
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        return File.Exists(Path.Combine(root, "dotnet")) ? root : null;
    }
}
