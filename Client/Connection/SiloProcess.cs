using System.ComponentModel;
using System.Diagnostics;

namespace Maestro.Connection;

/// <summary>Whether a process id still is a silo's: ids are used again, and nothing else may be ended.</summary>
internal static class SiloProcess
{
    public static bool IsSilo(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && CommandLineOf(id).Contains("up", StringComparer.Ordinal);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private static string[] CommandLineOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
