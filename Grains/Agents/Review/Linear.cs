using System.Text.RegularExpressions;

namespace Maestro.Agents.Review;

/// <summary>Regular expressions whose time is linear in the text, so no text can make them hang.</summary>
internal static class Linear
{
    public static Regex Regex(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public static Regex Exact(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
