using System.Collections.Immutable;
using System.Globalization;
using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>Compares the base with the merge of head into it, which is what would be released.</summary>
internal static class MergeComparison
{
    private const int MostMessages = 100;
    private const int LongestMessage = 16 << 10;

    public static Comparison Of(
        Repository repository, string baseCommit, string headCommit, ComparisonLimits limits, CancellationToken token)
    {
        var (@base, head) = (Commits.Find(repository, baseCommit), Commits.Find(repository, headCommit));
        var merge = TrialMerge.Make(repository, @base, head, new PullNames(headCommit, baseCommit), token);
        var changes = TreeComparison.Between(repository, @base.Tree, merge.Tree, token);
        var files = new ChangedFiles(repository, limits);
        var loaded = ImmutableArray.CreateBuilder<ChangedFile>();
        foreach (var change in new Renames(repository, limits).Among(changes, token))
        {
            token.ThrowIfCancellationRequested();
            loaded.Add(files.Load(change));
        }
        var commits = Commits.Between(repository, @base, head, token);
        return new Comparison(loaded.ToImmutable(), loaded.Count, Messages(commits)) { CommitNames = Names(commits) };
    }

    private static ImmutableArray<UntrustedText> Names(ImmutableArray<Commit> commits) =>
        [.. commits.SelectMany(commit => Commits.NamesOf(commit)).Distinct().Select(name => new UntrustedText(Cut(name)))];

    private static ImmutableArray<UntrustedText> Messages(ImmutableArray<Commit> commits)
    {
        var messages = commits.Take(MostMessages).Select(commit => new UntrustedText(Cut(commit.Message)));
        var more = commits.Length - MostMessages;
        return more <= 0
            ? [.. messages]
            : [.. messages, new UntrustedText(string.Create(CultureInfo.InvariantCulture, $"({more} more messages are not here.)"))];
    }

    private static string Cut(string message) => message.Length <= LongestMessage ? message : message[..LongestMessage];
}
