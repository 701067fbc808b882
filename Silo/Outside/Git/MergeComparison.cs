using System.Collections.Immutable;
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
        var messages = commits.Take(MostMessages).Select(commit => commit.Message).ToImmutableArray();
        var names = commits.SelectMany(commit => Commits.NamesOf(commit)).Distinct().ToImmutableArray();
        return new Comparison(loaded.ToImmutable(), loaded.Count, Cut(messages))
        {
            CommitNames = Cut(names),
            MessagesUnread = commits.Length - messages.Length + messages.Count(IsTooLong),
            NamesUnread = names.Count(IsTooLong),
        };
    }

    private static bool IsTooLong(string text) => text.Length > LongestMessage;

    private static ImmutableArray<UntrustedText> Cut(ImmutableArray<string> texts) =>
        [.. texts.Select(text => new UntrustedText(IsTooLong(text) ? text[..LongestMessage] : text))];
}
