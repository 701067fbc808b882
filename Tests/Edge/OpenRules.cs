using Maestro.Deployments;

namespace Maestro.Edge;

/// <summary>An edge without its controls, to show that the tests of them can fail.</summary>
internal sealed class OpenRules : EdgeRules
{
    public override bool Admits(long token, long highest) => true;

    public override bool Reaches(Uri address) => true;
}

internal static class Refusal
{
    /// <summary>The reason for which the attempt is refused; the test fails where it is not, or with another code.</summary>
    public static async Task<Reason> OfAsync(string code, Task attempt)
    {
        var reason = (await Assert.ThrowsAsync<RefusedException>(() => attempt)).Reason;
        Assert.Equal(code, reason.Code);
        return reason;
    }
}
