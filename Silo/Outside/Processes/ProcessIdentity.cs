namespace Maestro.Outside.Processes;

/// <summary>One process and no later one with the same number.</summary>
/// <param name="Pid">The process number; 0 stands for nobody, who claims work so that nobody else does.</param>
/// <param name="Started">When it started, in clock ticks since boot.</param>
/// <param name="Boot">The boot it belongs to.</param>
internal sealed record ProcessIdentity(int Pid, long Started, string Boot)
{
    /// <summary>The running boot of this host.</summary>
    public static string CurrentBoot { get; } = ReadBoot();

    public static ProcessIdentity Nobody { get; } = new(0, 0, CurrentBoot);

    public static ProcessIdentity Current =>
        Of(Environment.ProcessId) ?? throw new InvalidOperationException("/proc does not show this process.");

    /// <summary>It lives; a process that has ended and was not yet collected does not.</summary>
    public bool IsAlive =>
        Pid > 0 && Boot == CurrentBoot && ProcessTable.Read(Pid) is { IsRunning: true } found && found.Started == Started;

    /// <summary>Whoever has this number now; null where nobody has.</summary>
    public static ProcessIdentity? Of(int pid) => ProcessTable.Read(pid) is { } found ? new(pid, found.Started, CurrentBoot) : null;

    private static string ReadBoot()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "unknown";
    }
}
