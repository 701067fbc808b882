using System.Text;

namespace Maestro.Outside.Processes;

/// <summary>The end of what a command printed, made fit to be shown to people.</summary>
internal static class OutputTail
{
    private const int Bytes = 8 << 10, Lines = 20, LineLength = 200;

    /// <summary>The last lines, secrets masked, each line plain and of bounded length; empty where nothing was printed.</summary>
    public static string Read(string path)
    {
        var text = SecretShapes.Mask(Encoding.UTF8.GetString(ReadEnd(path)));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join('\n', lines.TakeLast(Lines).Select(line => new UntrustedText(line.Replace('\t', ' ')).Shown(LineLength)));
    }

    private static byte[] ReadEnd(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(Bytes, file.Length), SeekOrigin.End);
            var end = new byte[Bytes];
            return end[..file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
