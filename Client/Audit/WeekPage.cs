using System.Collections.Immutable;
using System.Globalization;
using Maestro.Screen;

namespace Maestro.Audit;

/// <summary>A week's report as a page of text, narrow enough for an e-mail.</summary>
internal static class WeekPage
{
    private const string Day = "yyyy-MM-dd";
    private const int Wide = 60;

    public static IEnumerable<Line> Of(WeekReport report) =>
    [
        Line.Of(
            new Span($"Maestro, week {report.Week}", Tone.Strong),
            new Span(Said($" ({report.From.UtcDateTime:yyyy-MM-dd} to {report.To.AddTicks(-1).UtcDateTime:yyyy-MM-dd}, UTC)"))),
        Line.Of(Said($"{report.Entries} entries in the ledger, {report.Attempts} attempts opened")),
        .. Part("Look at these", report.Alarms, Row),
        .. Counts("How attempts ended", report.Outcomes),
        .. Counts("Environments", report.Releases),
        .. Part("Approvals", report.Approvals, verdicts => [Name(verdicts.Person), new(Said($"{verdicts.Approved} approved, {verdicts.Rejected} rejected"))]),
        .. Counts("Commands", report.Commands),
        .. Part("Longest waits for people", report.Waits, Row),
        .. Counts("Why stages stopped", report.Stops),
        .. Counts("What the review found", report.Findings),
        .. Counts("Refused calls", report.Calls),
        .. Counts("Refused messages and decisions", report.Messages),
        .. Counts("Who was at work (entries)", report.Actors),
        Line.Empty,
        Line.Of("The ledger", Tone.Strong),
        Line.Of($"  {report.Ledger.Origin}"),
        Line.Of(Said($"  {report.Ledger.Signed} entries signed, root {(report.Ledger.Root.Length > 12 ? report.Ledger.Root[..12] : report.Ledger.Root)}")),
        .. report.Ledger.Cosigners.Select(name => Line.Of($"  seen by {name}")),
    ];

    private static IEnumerable<Line> Counts(string title, ImmutableArray<Counted> counts) =>
        Part(title, counts, one => [Name(one.Name), new(one.Count.ToString(CultureInfo.InvariantCulture))]);

    private static IEnumerable<Line> Part<T>(string title, ImmutableArray<T> parts, Func<T, Span[]> row)
    {
        if (parts.IsEmpty)
        {
            return [];
        }
        var rows = parts.Select(row).ToList();
        var wide = rows.Max(spans => spans[0].Text.Length);
        return
        [
            Line.Empty, Line.Of(title, Tone.Strong),
            .. rows.Select(spans => Line.Of(new Span("  "), spans[0], new Span(new string(' ', wide - spans[0].Text.Length + 2)), spans[1])),
        ];
    }

    // Names come from keys and messages: an e-mail's line must hold them.
    private static Span Name(string name) => new(Shown.Cut(name, Wide));

    private static Span[] Row(Alarm alarm) =>
    [
        Name($"{alarm.At.UtcDateTime.ToString(Day, CultureInfo.InvariantCulture)} {alarm.Kind}"),
        new(
            Shown.Cut(Said($"by {alarm.Actor} about {alarm.Subject}{(alarm.Code is null ? "" : $": {alarm.Code}")} (entry {alarm.Index})"), Wide * 2),
            Tone.Bad),
    ];

    private static Span[] Row(Wait wait) =>
    [
        Name(Said($"{wait.Deployment} attempt {wait.Attempt}")),
        new(Said($"{Length(TimeSpan.FromSeconds(wait.Seconds))} for {wait.Stage}{(wait.Answered ? "" : ", not answered yet")}")),
    ];

    private static string Length(TimeSpan length) => length.TotalHours >= 1
        ? Said($"{(int)length.TotalHours} h {length.Minutes} min")
        : length.TotalMinutes >= 1 ? Said($"{length.Minutes} min {length.Seconds} s") : Said($"{length.Seconds} s");

    private static string Said(FormattableString text) => FormattableString.Invariant(text);
}
