using System.Diagnostics;

namespace Maestro.Outside.Processes;

/// <summary>Removes folders that a hostile build may have filled.</summary>
internal static class FolderRemoval
{
    /// <summary>Removes the folder and all in it. A folder that is not there is success.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception stubborn) when (stubborn is IOException or UnauthorizedAccessException)
        {
            RemoveThoroughly(folder);
        }
    }

    /// <summary>
    /// Folders nested deeper than a path can be long, and folders without write permission, are beyond a path-based removal.
    /// </summary>
    private static void RemoveThoroughly(string folder)
    {
        Run("chmod", "-R", "u+rwX", "--", folder);
        Run("rm", "-rf", "--", folder);
        if (Directory.Exists(folder))
        {
            throw new IOException($"'{folder}' could not be removed.");
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(info) ?? throw new IOException($"'{program}' could not be started.");
        process.StandardInput.Close();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
    }
}
