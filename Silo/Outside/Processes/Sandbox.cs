using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>
/// How commands of a pull request are confined: by bubblewrap, or, where an administrator said so, not at all. In the sandbox there is the
/// system read-only, a temporary folder in memory, and what is mounted; no other process, no capability and, for work, no network.
/// </summary>
internal sealed class Sandbox
{
    private const long TemporaryBytes = 512L << 20;
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);
    private static readonly ImmutableArray<string> Programs = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];

    // Nothing else of /etc: in a sandbox with root's number, /etc/shadow and /etc/ssl/private would be readable.
    private static readonly ImmutableArray<string> SystemFiles =
    [
        "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/ld.so.conf",
        "/etc/ld.so.conf.d", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/alternatives", "/etc/localtime", "/etc/os-release",
    ];

    private static readonly ImmutableArray<string> NetworkFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/services", "/etc/protocols"];
    private static readonly ImmutableArray<string> MergedFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

    private readonly string? _program;
    private readonly ImmutableArray<string> _hidden;

    private Sandbox(string? program, ImmutableArray<string> hidden) => (_program, _hidden) = (program, hidden);

    /// <summary>Commands are really confined.</summary>
    public bool Confines => _program is not null;

    /// <summary>Finds bubblewrap and tries it out.</summary>
    /// <param name="unsandboxed">Do without.</param>
    /// <param name="hidden">Folders that are never seen inside, even where they lie within the system's.</param>
    /// <exception cref="RefusedException"><c>sandbox.missing</c>: it is not installed, or does not work here.</exception>
    public static Sandbox Require(bool unsandboxed, ImmutableArray<string> hidden) =>
        unsandboxed ? new(null, hidden) : Find(Programs, hidden);

    /// <exception cref="RefusedException"><c>sandbox.missing</c></exception>
    internal static Sandbox Find(ImmutableArray<string> programs, ImmutableArray<string> hidden)
    {
        var program = programs.FirstOrDefault(File.Exists);
        var sandbox = new Sandbox(program, hidden);
        return program is null ? throw Missing("bubblewrap is not installed")
            : sandbox.Works() is { } failure ? throw Missing(failure)
            : sandbox;
    }

    /// <summary>The command as it is to be started.</summary>
    public ImmutableArray<string> Wrap(Confinement confinement, ImmutableArray<string> command)
    {
        if (_program is null)
        {
            return command;
        }
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange(_program, "--unshare-all", "--new-session", "--cap-drop", "ALL", "--hostname", "maestro");
        if (confinement.Network)
        {
            arguments.Add("--share-net");
        }
        if (confinement.DieWithParent)
        {
            arguments.Add("--die-with-parent");
        }
        AddSystem(arguments, confinement.Network);
        foreach (var mount in confinement.Mounts)
        {
            arguments.AddRange(mount.Writable ? "--bind" : "--ro-bind", mount.Source, mount.Target);
        }
        arguments.AddRange("--remount-ro", "/", "--chdir", confinement.Folder, "--");
        arguments.AddRange(command);
        return arguments.ToImmutable();
    }

    private void AddSystem(ImmutableArray<string>.Builder arguments, bool network)
    {
        var size = TemporaryBytes.ToString(CultureInfo.InvariantCulture);
        arguments.AddRange("--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev");
        arguments.AddRange("--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev");
        arguments.AddRange("--size", size, "--tmpfs", "/tmp", "--dir", "/tmp/home");
        foreach (var folder in MergedFolders.Where(Directory.Exists))
        {
            var target = new FileInfo(folder).LinkTarget;
            arguments.AddRange(target is null ? "--ro-bind" : "--symlink", target ?? folder, folder);
        }
        foreach (var file in network ? SystemFiles.AddRange(NetworkFiles) : SystemFiles)
        {
            arguments.AddRange("--ro-bind-try", file, file);
        }
        if (CleanEnvironment.DotnetRoot is { } dotnet && !IsWithin(dotnet, "/usr"))
        {
            arguments.AddRange("--ro-bind", dotnet, dotnet);
        }
        foreach (var hidden in _hidden.Where(folder => IsWithin(folder, "/usr") || IsWithin(folder, CleanEnvironment.DotnetRoot ?? "/usr")))
        {
            arguments.AddRange("--tmpfs", hidden, "--remount-ro", hidden);
        }
    }

    /// <returns>What is wrong; null where it works.</returns>
    private string? Works()
    {
        var command = Wrap(new([], Network: false, DieWithParent: true, "/tmp"), ["/usr/bin/env"]);
        try
        {
            var info = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(info) ?? throw new Win32Exception();
            if (!process.WaitForExit(ProbeLimit))
            {
                process.Kill(entireProcessTree: true);
                return "bubblewrap does not answer";
            }
            return process.ExitCode == 0 ? null
                : $"bubblewrap does not work: {new UntrustedText(process.StandardError.ReadToEnd()).Shown()}";
        }
        catch (Win32Exception failure)
        {
            return $"bubblewrap does not start: {failure.Message}";
        }
    }

    private static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static RefusedException Missing(string found) => new(new Reason(
        "sandbox.missing", "Code of a pull request runs in a sandbox only.", "a working bubblewrap", found,
        "Install bubblewrap (for example: apt install bubblewrap), or start Maestro with --unsandboxed and trust every change."));
}

/// <summary>What one command may see and reach.</summary>
/// <param name="DieWithParent">It ends when its launcher does. Not for instances, which outlive whoever started them.</param>
/// <param name="Folder">The working directory, as it is called inside.</param>
internal sealed record Confinement(ImmutableArray<Mount> Mounts, bool Network, bool DieWithParent, string Folder);

/// <summary>A folder of the host and where it is seen.</summary>
internal sealed record Mount(string Source, string Target, bool Writable);
