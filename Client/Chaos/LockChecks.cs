using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>That one acts at a time, and that whoever was replaced acts no more.</summary>
internal static class LockChecks
{
    private static readonly string[] Accepted = ["switched", "already"];

    /// <summary>Attempts of one application that were in one environment at the same time, and tokens that two of them had.</summary>
    public static IEnumerable<string> Shared(History history)
    {
        foreach (var application in history.Deployments.GroupBy(deployment => deployment.Application))
        {
            foreach (var line in Overlaps(application, "staging", Stage.ProvisionStaging, Stage.DeployStaging)
                .Concat(Overlaps(application, "production", Stage.ProvisionProduction, Stage.Watch)))
            {
                yield return line;
            }
        }
        foreach (var token in history.Switches.Where(line => line.Outcome == "switched" && line.Target is { } target
            && target.EndsWith("/Promote", StringComparison.Ordinal) && line.Expected != line.Target).GroupBy(line => (line.Environment, line.Token)))
        {
            var forward = token.Select(line => line.Target).Distinct().ToList();
            if (forward.Count > 1)
            {
                yield return FormattableString.Invariant($"{token.Key.Environment}: token {token.Key.Token} acted for {string.Join(" and ", forward)}");
            }
        }
    }

    /// <summary>Acts under a token after the target had seen a newer one, and entries by an activation after another one had taken over.</summary>
    public static IEnumerable<string> Zombies(History history)
    {
        foreach (var switches in history.Switches.Where(line => Accepted.Contains(line.Outcome)).GroupBy(line => line.Environment))
        {
            var newest = 0L;
            foreach (var line in switches)
            {
                if (line.Token < newest)
                {
                    yield return FormattableString.Invariant($"token {newest} had been there before: {line}");
                }
                newest = Math.Max(newest, line.Token);
            }
        }
        foreach (var deployment in history.Deployments)
        {
            var gone = new HashSet<string>(StringComparer.Ordinal);
            var writer = "";
            foreach (var line in deployment.Log)
            {
                if (line.Writer != writer && !gone.Add(line.Writer))
                {
                    yield return $"its writer had been replaced: {deployment.Show(line)}";
                }
                writer = line.Writer;
            }
        }
    }

    // From when the lock was surely taken until it may be given back.
    private static IEnumerable<string> Overlaps(IEnumerable<DeploymentHistory> deployments, string environment, Stage taken, Stage last)
    {
        var held = deployments.SelectMany(deployment => deployment.Log.GroupBy(line => line.Entry.Attempt).Select(attempt => (
                Holder: $"{deployment.Id}/a{attempt.Key}",
                From: attempt.FirstOrDefault(line => line.Entry is LogEntry.Proved proved && proved.Stage == taken)?.At,
                To: attempt.LastOrDefault(line => line.Entry is LogEntry.Proved proved && proved.Stage == last
                    || line.Entry is LogEntry.Undone undone && undone.Stage == (taken == Stage.ProvisionProduction ? Stage.Promote : last))?.At)))
            .Where(span => span.From is not null && span.To > span.From).OrderBy(span => span.From).ToList();
        return held.Zip(held.Skip(1)).Where(pair => pair.Second.From < pair.First.To)
            .Select(pair => $"{environment} was held by {pair.First.Holder} until {pair.First.To:HH:mm:ss.fff} and by {pair.Second.Holder} from {pair.Second.From:HH:mm:ss.fff}");
    }
}
