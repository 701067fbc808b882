namespace Maestro.Chaos;

/// <summary>What has come of what was brought in.</summary>
internal static class OutcomeChecks
{
    /// <summary>Changes that ended otherwise, or left something else behind, than the same changes without faults.</summary>
    public static IEnumerable<string> Diverged(History history)
    {
        var peace = history.Peace.ToDictionary(result => result.Change);
        foreach (var result in history.Results)
        {
            var other = peace.GetValueOrDefault(result.Change);
            if (other is not null && (result.Outcome, result.Serves) != (other.Outcome, other.Serves))
            {
                yield return $"{result} ended so without faults: {other}";
            }
            if (result.Outcome != result.Change.Expected)
            {
                yield return $"{result} should have ended as {result.Change.Expected}";
            }
        }
        var merges = history.Merges.ToLookup(merge => merge.Application, merge => merge.Tree);
        foreach (var storm in merges.Where(group => group.Key.StartsWith("storm", StringComparison.Ordinal)))
        {
            var calm = history.Merges.Count(merge => merge.Application == storm.Key.Replace("storm", "calm", StringComparison.Ordinal));
            if (calm != storm.Count())
            {
                yield return $"{storm.Key} has {storm.Count()} merges, and without faults {calm}";
            }
        }
    }

    /// <summary>Webhooks that were answered as taken and are not in the inbox, or were not handed on exactly once.</summary>
    public static IEnumerable<string> LostWebhooks(History history)
    {
        var inbox = history.Inbox.ToLookup(line => line.Delivery);
        return history.Acknowledged.Where(delivery => !inbox.Contains(delivery)).Select(delivery => $"{delivery} was acknowledged, and the inbox does not have it")
            .Concat(history.Inbox.Where(line => line.Handed != 1).Select(line => $"{line.Delivery} was handed on {line.Handed} times"));
    }
}
