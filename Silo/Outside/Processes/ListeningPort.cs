using System.Collections.Immutable;
using System.Globalization;

namespace Maestro.Outside.Processes;

/// <summary>Who listens at a loopback port. An answer at a port says nothing about who gave it; the kernel's own tables do.</summary>
internal static class ListeningPort
{
    // Columns of /proc/net/tcp: address and port in hexadecimal, the state, and the number of the socket.
    private const int Local = 1, State = 3, Socket = 9;
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether one of these processes listens at the port. A process whose open files are not shown is not believed to.</summary>
    public static bool IsHeldBy(int port, ImmutableArray<ProcessRow> processes)
    {
        var sockets = Sockets(port);
        return sockets.Count > 0 && processes.Any(process => OpenFiles(process.Pid).Any(sockets.Contains));
    }

    private static HashSet<string> Sockets(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return
        [
            .. Tables.Where(File.Exists).SelectMany(File.ReadLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > Socket && fields[State] == Listening && fields[Local].EndsWith(suffix, StringComparison.Ordinal))
                .Select(fields => $"socket:[{fields[Socket]}]"),
        ];
    }

    private static IEnumerable<string> OpenFiles(int pid)
    {
        try
        {
            return [.. new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd")).EnumerateFileSystemInfos()
                .Select(file => file.LinkTarget).OfType<string>()];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
