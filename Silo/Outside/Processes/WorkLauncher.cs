using System.ComponentModel;
using System.Text.Json;

namespace Maestro.Outside.Processes;

/// <summary>
/// The command <c>maestro work DIR</c>: the process between a silo and the command it asked for. It leads a session of its own and
/// enforces the limits itself, so nothing depends on the silo's living on.
/// </summary>
internal static class WorkLauncher
{
    private const int Done = 0, Failed = 1, NotOurs = 2;

    /// <param name="folder">The folder with <c>work.json</c>.</param>
    /// <returns>0 when the work was carried out, whatever its result; 2 when somebody else has claimed it.</returns>
    public static async Task<int> RunAsync(string folder)
    {
        var work = new WorkFolder(Path.GetFullPath(folder));
        try
        {
            NativeMethods.BeginSession();
            var file = work.Work ?? throw new FileNotFoundException($"'{folder}' has no work.json.");
            return file.Mode == WorkMode.KeepLogs ? await KeepLogsAsync(work, file) : await CarryOutAsync(work, file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or Win32Exception)
        {
            Complain(work, failure.Message);
            return Failed;
        }
    }

    private static async Task<int> CarryOutAsync(WorkFolder work, WorkFile file)
    {
        if (file.Mode == WorkMode.Run)
        {
            work.PrepareResult();
        }
        // Whoever links the claim first decides: from here no successor starts this work again while this process lives.
        if (!work.TryClaim(ProcessIdentity.Current))
        {
            return NotOurs;
        }
        if (file.Mode == WorkMode.Become)
        {
            Directory.SetCurrentDirectory(file.Folder);
            NativeMethods.RedirectStandardStreams(work.Output);
            NativeMethods.Become(file.Command[0], file.Command, file.Environment);
        }
        NativeMethods.RedirectStandardStreams("/dev/null");
        work.Write(await new WorkSupervisor(work, file, TimeProvider.System).RunAsync());
        return Done;
    }

    private static async Task<int> KeepLogsAsync(WorkFolder work, WorkFile file)
    {
        NativeMethods.RedirectStandardStreams("/dev/null");
        await LogKeeper.RunAsync(work.Path, file.Counted[0], file.Limits.OutputBytes, TimeProvider.System);
        return Done;
    }

    private static void Complain(WorkFolder work, string sentence)
    {
        try
        {
            File.WriteAllText(work.ComplaintFile, sentence);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(sentence);
        }
    }
}
