using System.Text.RegularExpressions;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Tells a value that stands for a credential from one that is a credential.</summary>
internal static class Placeholders
{
    private static readonly Regex Placeholder = Linear.Regex(
        """change[_-]?me|example|placeholder|your[_-]|xxx|\*\*\*|dummy|sample|redacted|replace|insert|todo|fixme|"""
        + """not[_-]?a[_-]?real|\$\{|\$\(|\{\{|<[^>]+>|%\(|^%\w+%$|^\$\w+$|\benv\b|process\.env|secrets?\.|^\(|^\[|^@|\.\.\.|…|vault:|"""
        + """arn:aws|keyvault|^https?://[^@]*$|^/[\w./-]*$|dotnet-|^none$|^null$|^true$|^false$""");

    private static readonly Regex Words = Linear.Regex("""^[\p{L} ,.:;!?'()/_-]+$""");

    private static readonly Regex Call = Linear.Exact("""^[A-Za-z_][\w.]*(\(.*|\[.*)$|^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$|^&\w|^\w+::""");

    public static bool Is(string value) => Placeholder.IsMatch(value) || value.Distinct().Count() <= 3 || IsRow(value);

    /// <summary>The value reads like a name, a sentence or an expression rather than like a secret.</summary>
    public static bool IsNameLike(string name, string value) => Words.IsMatch(value) || Call.IsMatch(value)
        || value.Count(character => character == ' ') > 2
        || name.Length > 0 && value.Contains(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Shannon's measure in bits a character.</summary>
    public static double Entropy(string value) => -value.GroupBy(character => character)
        .Select(group => (double)group.Count() / value.Length).Sum(share => share * Math.Log2(share));

    private static bool IsRow(string value)
    {
        var steps = 0;
        for (var i = 1; i < value.Length; i++)
        {
            steps += value[i] - value[i - 1] is 1 or 0 ? 1 : 0;
        }
        return value.Length >= 6 && steps >= (value.Length - 1) * 0.8;
    }
}
