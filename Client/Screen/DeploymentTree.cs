using System.Collections.Immutable;
using System.Globalization;
using Maestro.Deployments;

namespace Maestro.Screen;

/// <summary>A deployment as a page: what it is, how it stands, and its stages as a tree. Pure: the same view and time give the same lines.</summary>
internal static class DeploymentTree
{
    private const int LabelWidth = 14, Narrow = 110;

    /// <summary>A cell may quote an application's own output: it gets this many characters, the rest is for <c>why</c>.</summary>
    private const int LongestCell = 120;

    /// <param name="width">Columns there are; where they are few, who is asked is left out, so that what was said has room.</param>
    public static ImmutableArray<Line> Of(DeploymentView view, DateTimeOffset now, int width = int.MaxValue) =>
    [
        .. Header(view, now), Line.Empty,
        .. width < Narrow
            ? Columns.Of(["NAME", "STATUS", "TIME", "INFO"], Rows(view, now).Skip(1).Select(row => row.RemoveAt(1)))
            : Columns.Of(["NAME", "ASKED", "STATUS", "TIME", "INFO"], Rows(view, now)),
    ];

    /// <summary>Why it stands where it stands, in one line; empty where there is nothing to say.</summary>
    public static string Message(DeploymentView view)
    {
        if (Stopped(view) is { Reason: { } reason } stopped)
        {
            return $"{stopped.Stage}: {reason.Rule}";
        }
        return view.Waits.IsDefaultOrEmpty ? OfCode(view.Code) : $"{view.Waits[0].Owner}: {view.Waits[0].For}";
    }

    private static StageView? Stopped(DeploymentView view) =>
        view.Stages.FirstOrDefault(stage => stage.Reason is not null && stage.Status is not "running");

    // The status says these already, or says them better.
    private static string OfCode(string? code) => code switch
    {
        null or "done" => "",
        "rolled-back-by-command" => "by a person's command",
        _ => code,
    };

    private static IEnumerable<Line> Header(DeploymentView view, DateTimeOffset now)
    {
        var mark = Symbols.Of(view);
        yield return Field("Name", new Span(view.Id, Tone.Strong));
        yield return Field("Status", mark.Span);
        if (Message(view) is { Length: > 0 } message)
        {
            yield return Field("Message", new Span(message));
        }
        if (Stopped(view)?.Reason is { } reason)
        {
            yield return Field("Way out", new Span(reason.WayOut));
        }
        foreach (var line in BrokenGlass.LineOf(view, LabelWidth))
        {
            yield return line;
        }
        yield return Field("Application", new Span(view.Application));
        yield return Field("Change", new Span($"{Shown.Cut(Shown.Text(view.Title), LongestCell)}, by {Shown.Cut(Shown.Text(view.Author), LongestCell)}"));
        yield return Field("Commits", new Span($"{Abbreviated(view.Head)} onto {Abbreviated(view.Base)}"));
        var age = Duration.Of(now - view.OpenedAt);
        yield return Field("Opened", new Span(view.ClosedAt is { } closed ? $"{age} ago, took {Duration.Of(closed - view.OpenedAt)}" : $"{age} ago"));
        if (!view.SensitivePaths.IsDefaultOrEmpty)
        {
            yield return Field("Sensitive", new Span(string.Join(", ", view.SensitivePaths), Tone.Waiting));
        }
    }

    private static IEnumerable<ImmutableArray<Span>> Rows(DeploymentView view, DateTimeOffset now)
    {
        yield return Row(new Span(ShortName(view.Id), Tone.Strong), "", Symbols.Of(view).Span, "", "");
        for (var attempt = 1; attempt < view.Attempt; attempt++)
        {
            yield return Row(new Span(Invariant($"├─ # attempt {attempt}")), "", new Span("• replaced", Tone.Faint), "", "");
        }
        yield return Row(new Span(Invariant($"└─ # attempt {view.Attempt}")), "", new Span(""), "", "");
        for (var index = 0; index < view.Stages.Length; index++)
        {
            yield return StageRow(view.Stages[index], index == view.Stages.Length - 1, now);
        }
    }

    private static ImmutableArray<Span> StageRow(StageView stage, bool last, DateTimeOffset now)
    {
        var mark = Symbols.Of(stage);
        var name = new Span($"   {(last ? "└─" : "├─")} {stage.Stage}", mark.Tone is Tone.Faint ? Tone.Faint : Tone.Plain);
        return Row(name, stage.Asked, mark.Span, Time(stage, now), Text(stage));
    }

    private static string Time(StageView stage, DateTimeOffset now) =>
        stage.StartedAt is { } started ? Duration.Of((stage.EndedAt ?? now) - started) : "";

    private static string Text(StageView stage)
    {
        var said = stage.Detail ?? stage.Reason?.Rule ?? "";
        return stage.Try > 1 ? Invariant($"try {stage.Try}{(said.Length > 0 ? ", " : "")}{said}") : said;
    }

    private static ImmutableArray<Span> Row(Span name, string asked, Span status, string time, string text) =>
        [name, new(asked, Tone.Faint), status, new(time), new Span(text, Cautions.IsOne(text) ? Tone.Waiting : Tone.Plain).Cut(LongestCell)];

    private static Line Field(string label, Span value) => Line.Field(label, LabelWidth, value);

    private static string ShortName(string id) => DeploymentId.TryParse(id, out var parsed)
        ? Invariant($"{parsed.Owner}/{parsed.Repository}/{parsed.Number}")
        : id;

    private static string Abbreviated(string commit) => commit.Length > 12 ? commit[..12] : commit;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
