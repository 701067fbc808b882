using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>
/// Whether a manifest's command exists, before anything is started: the sandbox itself could only say that something failed.
/// </summary>
internal static class CommandLookup
{
    /// <summary>The program to start: a path within the folder as it is on the host, or a name found on the search path.</summary>
    /// <param name="folder">The folder on the host that the command's relative paths begin at.</param>
    /// <exception cref="RefusedException"><c>{stage}.no-command</c>: there is no such program, or it may not be executed.</exception>
    public static string Require(string stage, ImmutableArray<string> command, string folder)
    {
        var name = command.IsDefaultOrEmpty ? "" : command[0];
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
        {
            throw Refused(stage, name, "no command");
        }
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            return CleanEnvironment.SearchPath.Select(path => Path.Combine(path, name)).FirstOrDefault(IsExecutable)
                ?? throw Refused(stage, name, "no such program");
        }
        var path = Path.GetFullPath(Path.Combine(folder, name));
        var leaves = !path.StartsWith(folder + "/", StringComparison.Ordinal) && !name.StartsWith('/');
        return leaves ? throw Refused(stage, name, "a path that leaves the folder")
            : !File.Exists(path) ? throw Refused(stage, name, "no such file")
            : IsExecutable(path) ? path
            : throw Refused(stage, name, "a file that may not be executed");
    }

    /// <summary>The program of a command that was found to exist, where its folder is going to be.</summary>
    public static string Place(string name, string folder) =>
        name.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(folder, name)) : name;

    private static bool IsExecutable(string path) =>
        File.Exists(path) && NativeMethods.Status(path) is { } status && (status.IsLink || status.Executable);

    private static RefusedException Refused(string stage, string name, string found) => new(new Reason(
        $"{stage}.no-command", "The manifest's command must exist and be executable.",
        $"'{new UntrustedText(name).Shown(80)}' as a program", found,
        "Correct the command in maestro.yaml, or commit the file with its executable bit (git update-index --chmod=+x)."));
}
