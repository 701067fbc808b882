using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Maestro.Outside.Processes;

/// <summary>JSON files that are there whole or not at all, also after a power cut.</summary>
internal static class DurableFile
{
    /// <summary>Takes the space for a later <see cref="Write"/>, so that it succeeds on a disk that has filled up since.</summary>
    public static void Prepare(string path, int bytes)
    {
        using var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(new byte[bytes]);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Writes or replaces the file.</summary>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type)
    {
        WriteDraft(path + ".new", value, type);
        File.Move(path + ".new", path, overwrite: true);
        NativeMethods.FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes the file unless there is one.</summary>
    /// <returns>False where somebody was first.</returns>
    public static bool TryCreate<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var draft = $"{path}.{Path.GetRandomFileName()}";
        WriteDraft(draft, value, type);
        try
        {
            return NativeMethods.TryLink(draft, path);
        }
        finally
        {
            File.Delete(draft);
            NativeMethods.FlushFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>The content; null where there is no such file.</summary>
    /// <exception cref="JsonException">It is not what was written.</exception>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void WriteDraft<T>(string path, T value, JsonTypeInfo<T> type)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(value, type));
        file.SetLength(file.Position);
        file.Flush(flushToDisk: true);
    }
}
