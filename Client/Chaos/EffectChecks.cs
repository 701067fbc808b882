using Maestro.Deployments;
using Maestro.Deployments.Stages;

namespace Maestro.Chaos;

/// <summary>What the targets must have recorded.</summary>
internal static class EffectChecks
{
    private const string Switched = "switched";
    private const string Production = "/production";

    /// <summary>Effects that a target had more than once.</summary>
    public static IEnumerable<string> Doubled(History history) =>
    [
        .. history.Switches.Where(line => line.Outcome == Switched).GroupBy(line => line.Environment).SelectMany(lines => DoubledIn(history, lines)),
        .. Twice("applied", history.Applied.Where(line => line.Line.Outcome == "done").Select(line => $"{line.Line.Effect} {line.Line.Address}")),
        .. Twice("built", history.Builds.Select(EffectOfBuild)),
        .. Twice("merged", history.Merges.Select(merge => $"{merge.Application} {merge.Tree}")),
    ];

    /// <summary>Effects in production that no approval before them covers, and effects of stages that never started.</summary>
    public static IEnumerable<string> WithoutCause(History history)
    {
        var deployments = history.Deployments.ToDictionary(deployment => deployment.Id);
        var effects = history.Switches.Where(line => line.Outcome == Switched && line.Target is not null).Select(line => (Effect: line.Target!, line.Environment))
            .Concat(history.Applied.Where(line => line.Line.Outcome == "done").Select(line => (line.Line.Effect, line.Environment)));
        foreach (var (effect, environment) in effects.Distinct())
        {
            var (id, attempt, stage) = Parts(effect);
            var entries = deployments.GetValueOrDefault(id)?.Entries.Where(entry => entry.Attempt == attempt).ToList() ?? [];
            var began = entries.FindIndex(entry => entry is LogEntry.Started started && started.Stage.ToString() == stage);
            var approved = entries.FindIndex(entry => entry is LogEntry.Proved { Stage: Stage.Approval });
            if (began < 0)
            {
                yield return $"{environment} has the effect {effect}, which never began";
            }
            else if (environment.EndsWith(Production, StringComparison.Ordinal) && (approved < 0 || approved > began))
            {
                yield return $"{environment} has the effect {effect}, which nobody had approved when it began";
            }
        }
        var builds = history.Deployments.SelectMany(deployment => deployment.Entries.OfType<LogEntry.Started>().Where(started => started.Stage == Stage.Build)
            .Select(started => Digest.Of(System.Text.Encoding.UTF8.GetBytes(
                Assignment.EffectOf(DeploymentId.Parse(deployment.Id), started.Attempt, Stage.Build))).Hex)).ToHashSet();
        foreach (var build in history.Builds.Where(build => !builds.Contains(EffectOfBuild(build))))
        {
            yield return $"{build} was built, and no deployment had begun to";
        }
    }

    /// <summary>Environments that do not serve the last good release after a release was taken back.</summary>
    public static IEnumerable<string> NotRolledBack(History history)
    {
        foreach (var switches in history.Switches.Where(line => line.Outcome == Switched && line.Environment.EndsWith(Production, StringComparison.Ordinal))
            .GroupBy(line => line.Environment))
        {
            var application = switches.Key.Split('/')[1];
            var closed = history.Deployments.Where(deployment => deployment.Application == application)
                .SelectMany(deployment => deployment.Log.Where(line => line.Entry is LogEntry.Closed).Select(line => (deployment.Id, Line: line)))
                .OrderBy(close => close.Line.At).ToList();
            if (closed is not [.., var last] || ((LogEntry.Closed)last.Line.Entry).Outcome != Outcome.RolledBack)
            {
                continue;
            }
            var good = closed.FindLast(close => ((LogEntry.Closed)close.Line.Entry).Outcome is Outcome.Finished or Outcome.FinishedNotMerged);
            var expected = good.Id is null ? null : $"{good.Id}/a{good.Line.Entry.Attempt}/{Stage.Promote}";
            if (switches.Last().Target != expected)
            {
                yield return $"{switches.Key} serves {switches.Last().Target ?? "nothing"} after {last.Id} was rolled back, and the last good release is {expected}";
            }
        }
    }

    /// <summary>Deployment, attempt and stage of an effect's name, such as <c>pr/local/acme/shop/42/a3/Promote</c>.</summary>
    public static (string Deployment, int Attempt, string Stage) Parts(string effect)
    {
        var parts = effect.Split('/');
        return parts.Length >= 7 && int.TryParse(parts[5].TrimStart('a'), System.Globalization.CultureInfo.InvariantCulture, out var attempt)
            ? (string.Join('/', parts[..5]), attempt, parts[6]) : (effect, 0, "");
    }

    // A rehearsal serves the new release once more, and an undo the release before; nothing else serves an effect again.
    private static IEnumerable<string> DoubledIn(History history, IGrouping<string, Edge.JournalLine> switches)
    {
        var stage = switches.Key.EndsWith(Production, StringComparison.Ordinal) ? Stage.Promote : Stage.DeployStaging;
        var application = switches.Key.Split('/')[1];
        var undone = history.Deployments.Where(deployment => deployment.Application == application).SelectMany(deployment => deployment.Entries)
            .OfType<LogEntry.Undone>().Count(entry => entry.Stage == stage);
        var served = switches.Where(line => !IsRehearsal(line)).ToList();
        var allowed = served.Select(line => line.Target).Distinct().Count() + (switches.Count() - served.Count) + undone;
        return served.Count > allowed
            ? [$"{switches.Key} was switched {served.Count} times instead of {allowed}: {string.Join(", ", served.Select(line => line.Target ?? "nothing"))}"]
            : [];
    }

    private static bool IsRehearsal(Edge.JournalLine line) =>
        line.Environment.EndsWith("/staging", StringComparison.Ordinal) && (line.Target is null || line.Target.EndsWith("/live", StringComparison.Ordinal));

    private static string EffectOfBuild(string build) => build.Split('/') is [.., var effect, _, _, _] ? effect : build;

    private static IEnumerable<string> Twice(string what, IEnumerable<string> effects) =>
        effects.GroupBy(effect => effect).Where(group => group.Count() > 1).Select(group => $"{group.Key} was {what} {group.Count()} times");
}
