using System.Globalization;
using System.Text;

namespace Maestro.Outside;

/// <summary>
/// Text from a pull request, a model, a tool or a message. It has no conversion to string, so that it cannot reach a shell, a path,
/// a query, a prompt or a page by accident: it is opened where it is examined, and shown only through <see cref="Shown"/>.
/// </summary>
public sealed record UntrustedText
{
    private readonly string _value;

    public UntrustedText(string value) => _value = value;

    /// <summary>The text itself, for code that examines it. Never for output.</summary>
    public string Open() => _value;

    /// <summary>The text made fit to be shown: one line, no control, format or private characters, at most <paramref name="length"/> characters.</summary>
    public string Shown(int length = 200)
    {
        var shown = new StringBuilder(Math.Min(_value.Length, length));
        foreach (var rune in _value.EnumerateRunes())
        {
            if (shown.Length >= length)
            {
                return shown.Append('…').ToString();
            }
            shown.Append(IsPlain(rune) ? rune.ToString() : "�");
        }
        return shown.ToString();
    }

    /// <summary>Says nothing about the text: printing it by mistake must be harmless.</summary>
    public override string ToString() => "(untrusted text)";

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
