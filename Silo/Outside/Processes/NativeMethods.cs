using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Maestro.Outside.Processes;

/// <summary>The calls of the operating system that .NET has no word for. Linux only; text is passed as UTF-8 with an end mark.</summary>
internal static class NativeMethods
{
    public const int Kill = 9;
    public const int NoSuchProcess = 3;
    public const int Pipe = 13;
    public const int Terminate = 15;
    private const int LastSignal = 31;
    private const int FileExists = 17;
    private const int SetChildSubreaper = 36;
    private const int WriteOnly = 1, ReadWrite = 2, Create = 0x40, Append = 0x400;

    /// <summary>Makes this process the leader of a session and of a process group of its own.</summary>
    /// <exception cref="Win32Exception">It leads a group already and is not the leader of its session.</exception>
    public static void BeginSession()
    {
        if (setsid() < 0 && getsid(0) != Environment.ProcessId)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "The process could not begin a session of its own.");
        }
    }

    /// <summary>Orphaned descendants become children of this process, so that none is lost sight of.</summary>
    public static void AdoptOrphans() => _ = prctl(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>Sends a signal; a process that is gone is no error.</summary>
    public static void Signal(int process, int signal) => _ = kill(process, signal);

    /// <summary>Standard input reads nothing; output and error go to the file, at its end.</summary>
    public static void RedirectStandardStreams(string output)
    {
        var nothing = Checked(open(Text("/dev/null"), ReadWrite, 0), "/dev/null");
        var file = Checked(open(Text(output), WriteOnly | Create | Append, 0x180), output);
        _ = Checked(dup2(nothing, 0), output);
        _ = Checked(dup2(file, 1), output);
        _ = Checked(dup2(file, 2), output);
        _ = close(nothing);
        _ = close(file);
    }

    /// <summary>.NET ignores SIGPIPE, and what is ignored stays ignored in the programs that are started.</summary>
    public static void RestorePipeSignal() => _ = signal(Pipe, 0);

    /// <summary>Turns this process into another program. Returns only by exception.</summary>
    public static void Become(string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var values = Pointers(arguments);
        var variables = Pointers(environment.Select(pair => $"{pair.Key}={pair.Value}"));
        for (var number = 1; number <= LastSignal; number++)
        {
            _ = signal(number, 0);
        }
        _ = execve(Text(program), values, variables);
        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"'{program}' could not be started.");
    }

    /// <summary>Gives a file a second name, unless that name is taken: the atomic way to be first.</summary>
    /// <returns>False where the name is taken.</returns>
    public static bool TryLink(string file, string name)
    {
        if (link(Text(file), Text(name)) == 0)
        {
            return true;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw new IOException($"'{name}' could not be made: error {error}.");
    }

    public static void SetMode(string path, int mode) => _ = Checked(chmod(Text(path), (uint)mode), path);

    /// <summary>Makes the names in a folder durable.</summary>
    public static void FlushFolder(string folder)
    {
        var handle = Checked(open(Text(folder), 0, 0), folder);
        _ = fsync(handle);
        _ = close(handle);
    }

    /// <summary>Type and mode bits, links and length of what has this name, links not followed; null where nothing has.</summary>
    public static FileStatus? Status(string path)
    {
        const int current = -100, doNotFollow = 0x100, basics = 0x7ff;
        var buffer = new byte[256];
        return statx(current, Text(path), doNotFollow, basics, buffer) == 0
            ? new(BitConverter.ToUInt16(buffer, 28), BitConverter.ToInt64(buffer, 40))
            : null;
    }

    private static byte[] Text(string value) => Encoding.UTF8.GetBytes(value + '\0');

    private static nint[] Pointers(IEnumerable<string> values) => [.. values.Select(Marshal.StringToCoTaskMemUTF8), 0];

    private static int Checked(int result, string path) =>
        result >= 0 ? result : throw new IOException($"'{path}' could not be opened or changed: error {Marshal.GetLastPInvokeError()}.");

#pragma warning disable IDE1006, SYSLIB1054 // The names are libc's own.
    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int setsid();

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int getsid(int process);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int kill(int process, int signal);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint signal(int number, nint handler);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int open(byte[] path, int flags, uint mode);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int dup2(int from, int to);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int close(int handle);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int fsync(int handle);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int execve(byte[] program, nint[] arguments, nint[] environment);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int link(byte[] from, byte[] to);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int chmod(byte[] path, uint mode);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int statx(int folder, byte[] path, int flags, uint mask, byte[] buffer);
#pragma warning restore IDE1006, SYSLIB1054
}

/// <summary>What a name in the file system stands for.</summary>
internal readonly record struct FileStatus(int TypeAndMode, long Length)
{
    private const int TypeMask = 0xf000;

    public bool IsFile => (TypeAndMode & TypeMask) == 0x8000;

    public bool IsFolder => (TypeAndMode & TypeMask) == 0x4000;

    public bool IsLink => (TypeAndMode & TypeMask) == 0xa000;

    /// <summary>Permission bits with set-user-id, set-group-id and sticky.</summary>
    public int Mode => TypeAndMode & 0xfff;

    /// <summary>Somebody may execute it.</summary>
    public bool Executable => (TypeAndMode & 0x49) != 0;
}
