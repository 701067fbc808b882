using System.Collections.Immutable;
using System.Globalization;
using Maestro.Approvals;
using Maestro.Evidence;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>The facts a person is asked about, what destroys first. Pure.</summary>
internal static class ApprovalPage
{
    /// <summary>More lines than this hide what matters; the count of the rest is shown.</summary>
    private const int MaximumLines = 200;

    public static IEnumerable<Line> Of(ApprovalRequest request, DateTimeOffset now)
    {
        yield return Line.Of(request.Question, Tone.Strong);
        yield return Line.Empty;
        yield return Field("Deployment", Invariant($"{request.Deployment}, attempt {request.Attempt}, {request.Stage}"));
        yield return Field("Commits", $"{request.Head} onto {request.Base}");
        yield return Field("Authors", string.Join(", ", request.Authors));
        yield return Field("Environment", request.Environment ?? "none");
        yield return Field("Image", request.Image?.ToString() ?? "none");
        yield return Field("Plan", request.Plan?.ToString() ?? "none");
        var given = request.Given.IsEmpty ? "" : $" ({string.Join(", ", request.Given)})";
        yield return Field("Approvals", Invariant($"{request.Given.Length} of {request.Needed}{given}"));
        if (request.Glass is { } glass)
        {
            yield return Line.Field("Glass", 14, new Span(
                Invariant($"{glass.Person} asks to break it until {glass.Until.UtcDateTime:HH:mm} UTC, because: {Shown.Text(glass.Reason)}"), Tone.Bad));
        }
        yield return Field("Until", $"{Duration.Of(request.Deadline - now)} from now");
        var changes = request.Changes.OrderByDescending(change => Weight(change.Action)).ThenByDescending(change => change.Endpoint);
        foreach (var line in Section("Changes", changes.Select(OfChange)))
        {
            yield return line;
        }
        foreach (var line in Section("Findings", request.Findings.OrderByDescending(finding => finding.Severity).Select(OfFinding)))
        {
            yield return line;
        }
    }

    private static IEnumerable<Line> Section(string heading, IEnumerable<Line> lines)
    {
        ImmutableArray<Line> all = [.. lines];
        yield return Line.Empty;
        yield return Line.Of(all.IsEmpty ? $"{heading}: none" : $"{heading}:", Tone.Faint);
        foreach (var line in all.Take(MaximumLines))
        {
            yield return line;
        }
        if (all.Length > MaximumLines)
        {
            yield return Line.Of(Invariant($"  and {all.Length - MaximumLines} more"), Tone.Bad);
        }
    }

    private static Line OfChange(PlannedChange change)
    {
        var (sign, tone) = change.Action switch
        {
            PlannedAction.Delete => ("-  ", Tone.Bad),
            PlannedAction.Replace => ("-/+", Tone.Bad),
            PlannedAction.Update => ("~  ", Tone.Waiting),
            _ => ("+  ", Tone.Good),
        };
        return Line.Of(
            new Span($"  {sign} {change.Address}", tone), new Span(change.Endpoint ? " (public endpoint)" : "", Tone.Bad), new Span($"  {change.Summary}"));
    }

    private static Line OfFinding(Finding finding)
    {
        var tone = finding.Severity >= Severity.High ? Tone.Bad : finding.Severity is Severity.Medium ? Tone.Waiting : Tone.Faint;
        var where = finding.Line > 0 ? Invariant($"{finding.Path}:{finding.Line}") : finding.Path;
        return Line.Of(new Span($"  {finding.Severity,-8} ", tone), new Span($"{where}  {finding.Message} ({finding.Rule})"));
    }

    private static int Weight(PlannedAction action) => action switch
    {
        PlannedAction.Delete => 3,
        PlannedAction.Replace => 2,
        PlannedAction.Update => 1,
        _ => 0,
    };

    private static Line Field(string label, string value) => Line.Field(label, 14, new Span(value));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
