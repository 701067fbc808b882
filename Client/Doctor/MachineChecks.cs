using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Maestro.Doctor;

/// <summary>The machine itself.</summary>
internal static class MachineChecks
{
    private const long Gigabyte = 1L << 30;

    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Before this the clock was certainly never set.</summary>
    private static readonly DateTimeOffset Built = new(2025, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static CheckResult UserNamespaces()
    {
        const string Check = "user namespaces";
        var maximum = Setting("/proc/sys/user/max_user_namespaces");
        var restricted = Setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") is "1";
        return maximum is null or "0" || restricted
            ? new(Check, Health.Limited, restricted ? "restricted by AppArmor" : "off", "The sandbox may not start for an ordinary user.",
                "Allow them: sysctl user.max_user_namespaces, or an AppArmor profile for bwrap.")
            : new(Check, Health.Fine, "allowed", "The sandbox needs no special rights.", "");
    }

    public static CheckResult Ports()
    {
        const string Check = "free ports";
        try
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            using var second = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            second.Start();
            return new(Check, Health.Fine, "available on loopback", "A silo and what it deploys can listen.", "");
        }
        catch (SocketException refused)
        {
            return new(Check, Health.Missing, $"none ({refused.SocketErrorCode})", "A silo cannot listen.", "Allow listening on 127.0.0.1.");
        }
    }

    public static CheckResult Disk(string folder)
    {
        const string Check = "disk space";
        var free = new DriveInfo(Existing(folder)).AvailableFreeSpace;
        var found = string.Create(CultureInfo.InvariantCulture, $"{(double)free / Gigabyte:0.0} GiB free for the data folder");
        return free switch
        {
            < Gigabyte / 4 => new(Check, Health.Missing, found, "State and images cannot be kept.",
                "Free a few gigabytes, or choose another place with --data."),
            < 2 * Gigabyte => new(Check, Health.Limited, found, "A few images fill it.", "Free a few gigabytes, or choose another place with --data."),
            _ => new(Check, Health.Fine, found, "Images and logs have room.", ""),
        };
    }

    public static CheckResult Clock(TimeProvider time)
    {
        var now = time.GetUtcNow();
        var found = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return now < Built || now > Built.AddYears(50)
            ? new("clock", Health.Missing, found, "Approvals and deadlines would be wrong.", "Set the clock; run a time service.")
            : new("clock", Health.Fine, found, "Deadlines and approvals can be trusted.", "");
    }

    public static CheckResult DataFolder(string folder)
    {
        const string Check = "data folder";
        if (!Directory.Exists(folder))
        {
            return new(Check, Health.Fine, $"{folder}, not there yet", "'maestro up' makes it, readable by you alone.", "");
        }
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & OthersMay) != 0
            ? new(Check, Health.Limited, $"{folder}, open to other users", "Others on this machine may read keys or change state.",
                $"Close it: chmod 700 {folder}")
            : new(Check, Health.Fine, $"{folder}, yours alone", "Keys and state are closed to others.", "");
    }

    private static string? Setting(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Existing(string folder)
    {
        var existing = new DirectoryInfo(folder);
        while (!existing.Exists && existing.Parent is { } parent)
        {
            existing = parent;
        }
        return existing.FullName;
    }
}
