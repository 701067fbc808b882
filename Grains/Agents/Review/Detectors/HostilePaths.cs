using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Paths that are made to leave the folder, to be taken for an option or for another file, or not to be seen.</summary>
public sealed class HostilePaths : IDetector
{
    private const int LongestPath = 400;

    private static readonly FrozenSet<string> KnownNames = new[]
    {
        "dockerfile", "makefile", "package.json", "package-lock.json", "readme.md", "codeowners", "maestro.yaml", "directory.build.props",
            "program.cs",
        "index.js", "main.py", "setup.py", "requirements.txt", "go.mod", "pom.xml", "build.gradle", "cargo.toml", "gemfile", ".gitignore",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Devices = new[]
    {
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "lpt1", "lpt2", "lpt3",
    }.ToFrozenSet(StringComparer.Ordinal);

    public IEnumerable<Finding> InFile(ReadFile file)
    {
        var message = Judge(file.Path, out var severity) ?? (file.Before is null ? null : Judge(file.Before, out severity));
        if (message is not null)
        {
            yield return file.Find("hostile-path", severity, 0, message);
        }
    }

    private static string? Judge(string path, out Severity severity)
    {
        severity = Severity.High;
        var segments = path.Split('/', '\\');
        if (path.EnumerateRunes().Any(IsHidden))
        {
            return "The path holds characters that are not shown or that reorder what is shown.";
        }
        if (segments.Any(segment => segment is ".." or "." || segment.Equals(".git", StringComparison.OrdinalIgnoreCase)
            || segment.StartsWith("git~", StringComparison.OrdinalIgnoreCase)) || path is "" or ['/', ..] or [_, ':', ..])
        {
            return "The path leaves its folder or reaches into git's own files.";
        }
        if (segments.Any(Imitates))
        {
            return "The name of the file looks like another, well-known one, and is not it.";
        }
        severity = Severity.Medium;
        return segments.Any(segment => segment.StartsWith('-'))
            ? "A part of the path begins with a dash, so a command may take it for an option."
            : path.Contains('\\', StringComparison.Ordinal) || path.IndexOfAny(['|', '<', '>', '"', '`', '$', ';', '&', '*', '?']) >= 0
            ? "The path holds characters that a shell gives a meaning to."
            : path.Length > LongestPath || segments.Any(segment => Encoding.UTF8.GetByteCount(segment) > 255)
            ? "The path is too long to be shown whole."
            : segments.Any(segment => segment.EndsWith(' ') || segment.EndsWith('.') || segment.StartsWith(' '))
            ? "A part of the path ends or begins with a blank or a dot."
            : segments.Any(segment => Devices.Contains(segment.ToLowerInvariant().Split('.')[0]))
            ? "A part of the path is the name of a device on Windows."
            : path.Any(char.IsAsciiLetter) && path.Any(LookAlikes.IsCyrillicOrGreek) && segments.Any(IsMixed)
            ? "The path mixes letters of scripts that look alike."
            : null;
    }

    private static bool Imitates(string segment)
    {
        var plain = LookAlikes.ToLatin(segment).ToLowerInvariant().Trim();
        return KnownNames.Contains(plain) && !KnownNames.Contains(segment.ToLowerInvariant());
    }

    private static bool IsMixed(string segment) => segment.Any(char.IsAsciiLetter) && segment.Any(LookAlikes.IsCyrillicOrGreek)
        && segment.Split('.', '-', '_', ' ').Any(word => word.Any(char.IsAsciiLetter) && word.Any(LookAlikes.IsCyrillicOrGreek));

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        && rune.Value is not 0x200D || rune.Value == 0xFFFD;
}
