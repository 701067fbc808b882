using System.Collections.Immutable;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Policies;

/// <summary>Policies as a test gives them.</summary>
internal sealed class Scripts(params (string Name, string Text)[] scripts) : IPolicySource
{
    public ImmutableArray<Policy> Read() => [.. scripts.Select(script => new Policy(script.Name, script.Text))];

    public static Task<PolicyVerdict> JudgeAsync(string body, PolicyLimits? limits = null, string facts = "{}") =>
        JudgeTextAsync("function judge(facts) { " + body + " }", limits, facts);

    public static async Task<PolicyVerdict> JudgeTextAsync(string text, PolicyLimits? limits = null, string facts = "{}")
    {
        using var engine = new JintPolicyEngine(new Scripts(("probe", text)), limits ?? PolicyLimits.Default, TimeProvider.System);
        return await engine.JudgeAsync(Encoding.UTF8.GetBytes(facts), TestContext.Current.CancellationToken);
    }

    public static async Task<PolicyVerdict> JudgeShippedAsync(string facts)
    {
        using var engine = new JintPolicyEngine(new PolicyFolder(null), PolicyLimits.Default, TimeProvider.System);
        return await engine.JudgeAsync(Encoding.UTF8.GetBytes(facts), TestContext.Current.CancellationToken);
    }

    public static Digest Bundle(params (string Name, string Text)[] scripts) => Policy.DigestOf(new Scripts(scripts).Read());
}
