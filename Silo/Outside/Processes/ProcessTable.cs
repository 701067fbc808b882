using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Maestro.Outside.Processes;

/// <summary>One row of the host's process table.</summary>
/// <param name="State">The kernel's letter; Z and X have ended.</param>
/// <param name="Started">Clock ticks since boot.</param>
internal sealed record ProcessRow(int Pid, char State, int Parent, int Group, int Session, long Started, long ResidentBytes)
{
    public bool IsRunning => State is not ('Z' or 'X');
}

/// <summary>The host's processes as <c>/proc</c> shows them. What ends while it is read is left out.</summary>
internal static class ProcessTable
{
    // Of /proc/{pid}/stat, counted behind the name in parentheses.
    private const int State = 0, Parent = 1, Group = 2, Session = 3, Started = 19, ResidentPages = 21;

    public static ImmutableArray<ProcessRow> Read() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? Read(pid) : null)
            .OfType<ProcessRow>()
            .Where(row => row.IsRunning),
    ];

    public static ProcessRow? Read(int pid)
    {
        if (TryReadAll(pid, "stat") is not { } bytes)
        {
            return null;
        }
        // The name may hold anything, also blanks and parentheses.
        var text = Encoding.Latin1.GetString(bytes);
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new(
            pid, fields[State][0], Number(fields[Parent]), Number(fields[Group]), Number(fields[Session]),
            long.Parse(fields[Started], CultureInfo.InvariantCulture),
            long.Parse(fields[ResidentPages], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
    }

    /// <summary>Whether the process was started with this variable.</summary>
    public static bool HasVariable(int pid, string variable, string value) =>
        TryReadAll(pid, "environ") is { } bytes
        && $"\0{Encoding.Latin1.GetString(bytes)}".Contains($"\0{variable}={value}\0", StringComparison.Ordinal);

    private static byte[]? TryReadAll(int pid, string name)
    {
        try
        {
            var bytes = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{name}"));
            return bytes.Length > 0 ? bytes : null;
        }
        // Any other failure, as too many open files, says nothing about the process, and must not pass for its end.
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException gone) when (gone.HResult == NativeMethods.NoSuchProcess)
        {
            return null;
        }
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);
}
