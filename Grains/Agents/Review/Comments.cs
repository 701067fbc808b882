using System.Buffers;

namespace Maestro.Agents.Review;

/// <summary>Which parts of a line may be live code. Where in doubt, all of it.</summary>
internal static class Comments
{
    private const Languages Slashes = Languages.CSharp | Languages.JavaScript | Languages.Go | Languages.Java;

    private const Languages Hashes = Languages.Python | Languages.Ruby | Languages.Shell | Languages.PowerShell | Languages.Dockerfile
        | Languages.Makefile | Languages.Yaml | Languages.Settings;

    /// <summary>Characters that end a line for some compilers and not for git or an editor.</summary>
    public static readonly SearchValues<char> HiddenBreaks = SearchValues.Create("\r\v\f\u0085\u2028\u2029");

    /// <summary>The line cut at hidden line breaks, without the parts that are only a comment.</summary>
    public static IEnumerable<string> LiveParts(string line, Languages language)
    {
        var parts = line.AsSpan().ContainsAny(HiddenBreaks) ? line.Split('\r', '\v', '\f', '\u0085', '\u2028', '\u2029') : [line];
        return parts.Where(part => !IsComment(part, language));
    }

    /// <summary>The part is only a line comment.</summary>
    public static bool IsComment(string part, Languages language)
    {
        var text = part.AsSpan().TrimStart();
        return (language & Slashes) != 0 && text.StartsWith("//") && !text.Contains("\\u", StringComparison.Ordinal)
            || (language & Hashes) != 0 && text.StartsWith("#") && !text.StartsWith("#!")
            && !text.Contains("coding", StringComparison.Ordinal)
            || (language & Languages.Sql) != 0 && text.StartsWith("--");
    }
}
