using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Maestro.Outside.Processes;

/// <summary>
/// What secrets look like: to find them in an image, and to keep them out of what is shown. Every shape has a bounded length.
/// </summary>
internal static partial class SecretShapes
{
    /// <summary>No shape is longer before it is recognised.</summary>
    public const int Longest = 512;

    private static readonly ImmutableArray<(string Rule, Regex Shape)> Certain =
    [
        ("secret.private-key", PrivateKey()),
        ("secret.aws-key", AwsKey()),
        ("secret.github-token", GitHubToken()),
        ("secret.gitlab-token", GitLabToken()),
        ("secret.slack-token", SlackToken()),
        ("secret.google-key", GoogleKey()),
        ("secret.stripe-key", StripeKey()),
        ("secret.npm-token", NpmToken()),
    ];

    private static readonly ImmutableArray<Regex> Likely = [WholeKey(), EndOfKey(), WebToken(), Credentials(), Assignment(), LongCode()];

    /// <summary>The secrets in a text by rule and place.</summary>
    public static IEnumerable<(string Rule, int Index)> Find(string text) =>
        Certain.SelectMany(shape => shape.Shape.Matches(text).Select(match => (shape.Rule, match.Index)));

    /// <summary>The text with everything that looks like a secret, or might be one, taken out.</summary>
    public static string Mask(string text)
    {
        // Whole keys first: once its first line is masked, the rest of a key would no longer be recognised.
        var shapes = Likely.Take(2).Concat(Certain.Select(shape => shape.Shape)).Concat(Likely.Skip(2));
        return shapes.Aggregate(text, (masked, shape) => shape.Replace(masked, match => match.Groups["kept"].Value + "[secret]"));
    }

    [GeneratedRegex(
        @"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[rn]){1,8}"
        + @"(?:[A-Za-z0-9+/]{16}|Proc-Type|Version:|Comment:)")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"(?:AKIA|ASIA)[A-Z0-9]{16}")]
    private static partial Regex AwsKey();

    [GeneratedRegex(@"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}")]
    private static partial Regex GitHubToken();

    [GeneratedRegex(@"glpat-[A-Za-z0-9_-]{20,255}")]
    private static partial Regex GitLabToken();

    [GeneratedRegex(@"xox[abprs]-[0-9A-Za-z-]{10,255}")]
    private static partial Regex SlackToken();

    [GeneratedRegex(@"AIza[A-Za-z0-9_-]{35}")]
    private static partial Regex GoogleKey();

    [GeneratedRegex(@"[sr]k_live_[A-Za-z0-9]{16,255}")]
    private static partial Regex StripeKey();

    [GeneratedRegex(@"npm_[A-Za-z0-9]{36}")]
    private static partial Regex NpmToken();

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}-----|\z)")]
    private static partial Regex WholeKey();

    [GeneratedRegex(@"\A[A-Za-z0-9+/=\s]*-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")]
    private static partial Regex EndOfKey();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,4096}")]
    private static partial Regex WebToken();

    [GeneratedRegex(@"(?<kept>[a-z][a-z0-9+.-]{1,20}://)[^\s/@]{1,512}(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    [GeneratedRegex(
        @"(?<kept>[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|authorization)[\w-]{0,20}[""']?\s{0,4}[=:]\s{0,4})"
        + @"(?:bearer\s|basic\s)?[^\s,;]{4,512}",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"[A-Za-z0-9+/]{64,}={0,2}")]
    private static partial Regex LongCode();
}
