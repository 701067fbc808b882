using System.Globalization;
using System.Text;

namespace Maestro.Outside.Git;

/// <summary>Says why one component of a tree's path may not be written to a disk, on any file system.</summary>
internal static class SafePath
{
    private const int LongestName = 255;

    /// <summary>Null where it is safe.</summary>
    public static string? WhyNot(string component) => component switch
    {
        "" => "an empty name",
        _ when component.Any(char.IsControl) => "a control character",
        _ when component.Contains('\uFFFD', StringComparison.Ordinal) => "a name that is not UTF-8",
        _ when component.Contains('/', StringComparison.Ordinal) => "a slash in a name",
        _ when Encoding.UTF8.GetByteCount(component) > LongestName => "a name over 255 bytes",
        _ when LeavesOrIsGit(component) => "a name that leaves the folder or belongs to git",
        _ when component.Contains('\\', StringComparison.Ordinal) => "a backslash in a name",
        _ => null,
    };

    /// <summary>Git itself writes no such name; one comes only from a tree made by hand.</summary>
    public static bool LeavesOrIsGit(string component) => component.Split('\\').Any(part => part is ".." or "." || IsGit(part));

    // HFS ignores format characters, NTFS ignores trailing dots and spaces, has streams after a colon, and knows short names.
    private static bool IsGit(string part)
    {
        var plain = string.Concat(
            part.EnumerateRunes().Where(rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format).Select(rune => rune.ToString()));
        var name = plain.Split(':')[0].TrimEnd('.', ' ').ToUpperInvariant();
        return name is ".GIT" || (name.StartsWith("GIT~", StringComparison.Ordinal) && name.Length > 4 && name[4..].All(char.IsAsciiDigit));
    }
}
