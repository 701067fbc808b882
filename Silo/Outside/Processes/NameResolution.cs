using System.Text.RegularExpressions;

namespace Maestro.Outside.Processes;

/// <summary>Tells from a command's last output that it wanted the network, which builds and tests do not have.</summary>
internal static partial class NameResolution
{
    public const string WayOut =
        "Builds and tests have no network: put what the command fetches into the repository (vendor it), or install it on the machine.";

    // What the resolvers of libc, .NET, Go, Java, Node, Python and curl say, and the first words of NuGet and pip about it.
    private static readonly string[] Complaints =
    [
        "could not resolve host", "temporary failure in name resolution", "name or service not known", "unknown host", "unknownhostexception",
        "eai_again", "enotfound", "no such host", "dial tcp: lookup", "nodename nor servname", "network is unreachable", "nu1301",
        "unable to load the service index", "failed to establish a new connection", "failed to resolve",
    ];

    public static bool Failed(string? output) => output is not null
        && (Complaints.Any(complaint => output.Contains(complaint, StringComparison.OrdinalIgnoreCase)) || NoAnswerFor().IsMatch(output));

    // .NET says of a name what fork says of a process; only the name has a port.
    [GeneratedRegex(@"resource temporarily unavailable \([a-z0-9.-]{1,253}:[0-9]{1,5}\)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoAnswerFor();
}
