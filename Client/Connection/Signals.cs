using System.Runtime.InteropServices;

namespace Maestro.Connection;

/// <summary>Asks a process to end; .NET itself can only kill.</summary>
internal static partial class Signals
{
    private const int Sigterm = 15;

    public static void Terminate(int process) => _ = Kill(process, Sigterm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
