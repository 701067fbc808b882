using Maestro.Deployments;

namespace Maestro.Edge;

/// <summary>Why the edge says no to a switch.</summary>
internal static class EdgeRefusals
{
    public const string TokenOld = "token-old";
    public const string NotExpected = "not-expected";
    public const string PortInUse = "port-in-use";
    public const string NoLease = "no-lease";

    public static RefusedException OldToken(SwitchRequest request, StoredRoute found) => Refuse(TokenOld,
        $"Only the newest holder of {request.Environment} may switch its traffic.", $"a token of at least {found.Token}",
        $"token {request.Token}", "Take the environment's lock again; whoever holds the old token must stop.");

    public static RefusedException Unexpected(SwitchRequest request, StoredRoute found) => Refuse(NotExpected,
        $"Traffic of {request.Environment} is switched only from the release that the caller knows to be live.", Name(request.Expected),
        Name(found.Effect), "Read the route again and decide anew.");

    public static RefusedException TakenPort(SwitchRequest request, string found) => Refuse(PortInUse,
        $"{request.Environment} needs a loopback port of its own.", $"port {request.Port} to be free", found,
        $"End what uses port {request.Port} on this machine, or give the environment another port.");

    public static RefusedException Loop(SwitchRequest request) => Refuse("bad-request",
        "The edge does not send traffic to itself.", "the address of a release", $"{request.Address}",
        "Name the port that the release listens on.");

    public static RefusedException TooMany(int limit) => Refuse("too-many",
        "One edge serves a limited number of environments.", $"at most {limit}", "one more",
        "Use another data folder, and so another edge, for it.");

    private static string Name(string? effect) => effect ?? "nothing";

    private static RefusedException Refuse(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason($"edge.{code}", rule, expected, found, wayOut));
}
