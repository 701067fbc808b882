using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Policies;

/// <summary>One policy: a script with a function <c>judge(facts)</c>.</summary>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Text">The script; null where it could not be read, which blocks.</param>
/// <param name="Problem">Why it could not be read, or must not run.</param>
internal sealed record Policy(string Name, string? Text, string? Problem = null)
{
    /// <summary>The digest over names and texts, sorted by name; lengths keep one from running into the next.</summary>
    public static Digest DigestOf(IEnumerable<Policy> policies)
    {
        var bundle = new StringBuilder("maestro policies 1\n");
        var sorted = policies.OrderBy(policy => policy.Name, StringComparer.Ordinal).ThenBy(policy => policy.Text, StringComparer.Ordinal);
        foreach (var policy in sorted)
        {
            bundle.Append(CultureInfo.InvariantCulture, $"{policy.Name.Length}:{policy.Name}={policy.Text?.Length ?? -1}:{policy.Text}\n");
        }
        return Digest.Of(Encoding.UTF8.GetBytes(bundle.ToString()));
    }
}

/// <summary>Where policies come from.</summary>
internal interface IPolicySource
{
    /// <summary>All policies, those with problems included; read anew for every judgement.</summary>
    ImmutableArray<Policy> Read();
}
