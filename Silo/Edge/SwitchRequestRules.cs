using System.Text.RegularExpressions;
using Maestro.Deployments;

namespace Maestro.Edge;

/// <summary>What a request to switch must look like before its token is even looked at.</summary>
internal static partial class SwitchRequestRules
{
    private const int LongestEffect = 300;

    /// <exception cref="RefusedException">The request makes no sense, or would send traffic off this machine.</exception>
    public static void Check(SwitchRequest request, EdgeRules rules)
    {
        Require(IsEnvironment(request.Environment), "An environment is named env/application/environment.",
            "such a name", request.Environment);
        Require(request.Port is >= 1 and <= 65535, "An environment has a port.", "a port from 1 to 65535", $"{request.Port}");
        Require(request.Token >= 0, "A fencing token never falls below zero.", "a token from 0", $"{request.Token}");
        Require(IsEffect(request.Expected) && IsEffect(request.Target), "An effect is a short printable name.",
            $"1 to {LongestEffect} printable characters", $"{request.Expected?.Length ?? 0} and {request.Target?.Length ?? 0} characters");
        Require(request.Target is null == request.Address is null, "A target has an effect and an address, or neither.",
            "both or neither", "one of them");
        Require(request.Address is null || rules.Reaches(request.Address), "The edge sends traffic only to this machine.",
            "an address such as http://127.0.0.1:5080/", $"{request.Address}");
    }

    public static bool IsEnvironment(string name) => EnvironmentForm().IsMatch(name);

    private static bool IsEffect(string? effect) =>
        effect is null || (effect.Length is > 0 and <= LongestEffect && !effect.Any(char.IsControl));

    private static void Require(bool holds, string rule, string expected, string found)
    {
        if (!holds)
        {
            throw new RefusedException(new Reason("edge.bad-request", rule, expected, found, "Correct the request."));
        }
    }

    [GeneratedRegex(@"\Aenv/[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex EnvironmentForm();
}
