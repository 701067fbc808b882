using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Outside.Infrastructure;

namespace Maestro.Outside.Names;

/// <summary>
/// Keeps <c>{environment}.{application}.localhost</c> in a hosts-style file, in a block of its own; every other line of the file is
/// left as it is. A hosts file knows no ports, so the port stands in a comment behind the name.
/// </summary>
/// <param name="file">The file, usually <c>hosts</c> in the silo's folder.</param>
[SupportedOSPlatform("linux")]
internal sealed partial class HostsNames(string file, TimeProvider time) : INames
{
    private const string Begin = "# BEGIN maestro";
    private const string End = "# END maestro";
    private const int Largest = 1024 * 1024;

    private static readonly TimeSpan LockWithin = TimeSpan.FromSeconds(10);

    /// <exception cref="RefusedException">The name or the port is none.</exception>
    /// <exception cref="OutsideException">The file cannot be read or written, or its block was damaged.</exception>
    public async Task PointAsync(EnvironmentKey environment, int port, CancellationToken cancellation)
    {
        if (!ApplicationName().IsMatch(environment.Application)
            || environment.Environment is not (EnvironmentSettings.StagingName or EnvironmentSettings.ProductionName)
            || port is < 1 or > 65535)
        {
            throw new RefusedException(new Reason(
                "names.invalid", "A name is given to the staging or production environment of a registered application.",
                "small letters, digits and hyphens, and a port from 1 to 65535", new UntrustedText($"{environment} at {port}").Shown(),
                "Use a registered name."));
        }
        await using var held = await EnvironmentLock.AcquireAsync(file + ".lock", LockWithin, time, cancellation);
        try
        {
            Point($"{environment.Environment}.{environment.Application}.localhost", port);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Broken($"{file}: {refused.Message}", refused);
        }
    }

    private void Point(string name, int port)
    {
        var before = File.Exists(file) ? Read() : "";
        var lines = before.Split('\n').ToList();
        var begin = lines.IndexOf(Begin);
        var end = lines.IndexOf(End);
        if (begin < 0 != end < 0 || end < begin || lines.Count(line => line is Begin or End) > 2)
        {
            throw Broken($"{file} has half a block of Maestro's");
        }
        if (begin < 0)
        {
            // A last line without its end keeps its place above the block.
            if (lines[^1].Length == 0)
            {
                lines.RemoveAt(lines.Count - 1);
            }
            begin = lines.Count;
            end = begin + 1;
            lines.AddRange([Begin, End, ""]);
        }
        var line = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 {name} # port {port}");
        var block = lines[(begin + 1)..end].Where(known => !known.StartsWith($"127.0.0.1 {name} ", StringComparison.Ordinal))
            .Append(line)
            .Order(StringComparer.Ordinal);
        var after = string.Join('\n', [.. lines[..(begin + 1)], .. block, .. lines[end..]]);
        if (after != before)
        {
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(after));
        }
    }

    private string Read() => new FileInfo(file).Length <= Largest ? File.ReadAllText(file) : throw Broken($"{file} has more than 1 MiB");

    private static OutsideException Broken(string found, Exception? inner = null) => new(
        new Reason("names.file", "The names are kept in a file that Maestro can read and write.", "a hosts-style file", found,
            "Correct the file or its rights."),
        inner);

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApplicationName();
}
