namespace Maestro.Edge;

/// <summary>Cuts the edge's process loose from the one that started it: a session of its own, and no inherited pipe or terminal.</summary>
internal static class Detachment
{
    /// <summary>1 where the edge is started in the background; a person who starts it keeps terminal and Ctrl-C.</summary>
    public const string Variable = "MAESTRO_EDGE_DETACHED";

    private const long LongestLog = 4 * 1024 * 1024;

    public static bool Wanted => Environment.GetEnvironmentVariable(Variable) == "1" && !OperatingSystem.IsWindows();

    /// <summary>Must run before the first use of <see cref="Console"/>, which duplicates its descriptors then.</summary>
    public static void Apply(EdgeFolder folder)
    {
        _ = NativeMethods.SetSession();
        if (File.Exists(folder.Log) && new FileInfo(folder.Log).Length > LongestLog)
        {
            File.Move(folder.Log, folder.Log + ".1", overwrite: true);
        }
        using var log = EdgeFolder.Open(folder.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using var nothing = new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Replace(nothing, 0);
        Replace(log, 1);
        Replace(log, 2);
    }

    private static void Replace(FileStream file, int descriptor)
    {
        if (NativeMethods.Duplicate((int)file.SafeFileHandle.DangerousGetHandle(), descriptor) == -1)
        {
            throw new IOException($"Descriptor {descriptor} could not be sent to {file.Name}.");
        }
    }
}
