namespace Maestro.Outside.Analysis;

/// <summary>Tells a text that is a credential from one that names or stands for one.</summary>
internal static class Credentials
{
    private static readonly string[] StandIns =
    [
        "change", "example", "placeholder", "your", "xxx", "dummy", "sample", "${", "{{", "<", "todo",
    ];

    public static bool IsCredential(string name, string text) => text.Length >= 6
        && !text.Contains(' ', StringComparison.Ordinal)
        && !text.Contains(name, StringComparison.OrdinalIgnoreCase)
        && !StandIns.Any(standIn => text.Contains(standIn, StringComparison.OrdinalIgnoreCase))
        && text.Any(char.IsDigit) && text.Any(char.IsLetter)
        && !text.EndsWith(';')
        && !Uri.IsWellFormedUriString(text, UriKind.Absolute);
}
