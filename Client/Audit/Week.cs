using System.Globalization;
using System.Text.RegularExpressions;

namespace Maestro.Audit;

/// <summary>A week as ISO 8601 counts them, Monday to Sunday, in UTC.</summary>
internal sealed partial record Week(int Year, int Number)
{
    public DateTimeOffset Begin => new(ISOWeek.ToDateTime(Year, Number, DayOfWeek.Monday), TimeSpan.Zero);

    public DateTimeOffset End => Begin.AddDays(7);

    public static Week Of(DateTimeOffset time) => new(ISOWeek.GetYear(time.UtcDateTime), ISOWeek.GetWeekOfYear(time.UtcDateTime));

    /// <summary>Reads <c>2026-W47</c>, <c>this</c> or <c>last</c>; null where it is none of them.</summary>
    public static Week? Read(string text, DateTimeOffset now)
    {
        switch (text)
        {
            case "this":
                return Of(now);
            case "last":
                return Of(now.AddDays(-7));
            default:
                var match = Form().Match(text);
                if (!match.Success)
                {
                    return null;
                }
                var (year, number) = (
                    int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
                return year is >= 1970 and < 9999 && number >= 1 && number <= ISOWeek.GetWeeksInYear(year) ? new(year, number) : null;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:0000}-W{Number:00}");

    [GeneratedRegex(@"\A([0-9]{4})-W([0-9]{2})\z")]
    private static partial Regex Form();
}
