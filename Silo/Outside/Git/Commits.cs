using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Reads commits that anybody may have written by hand.</summary>
internal static class Commits
{
    public const int Limit = 1000;
    private const long LargestCommit = 1 << 20;

    /// <exception cref="RefusedException">There is no such commit, or it cannot be read.</exception>
    public static Commit Find(Repository repository, string id) => Objects.Find(repository, id) as Commit ?? throw Refusals.NoCommit(id);

    /// <summary>The commits of head that base lacks, newest first.</summary>
    /// <exception cref="RefusedException">There are more than <see cref="Limit"/>, or one cannot be read.</exception>
    public static ImmutableArray<Commit> Between(Repository repository, Commit @base, Commit head, CancellationToken token)
    {
        var filter = new CommitFilter
        {
            IncludeReachableFrom = head,
            ExcludeReachableFrom = @base,
            SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Time,
        };
        var found = ImmutableArray.CreateBuilder<Commit>();
        foreach (var commit in repository.Commits.QueryBy(filter))
        {
            token.ThrowIfCancellationRequested();
            if (found.Count == Limit)
            {
                throw Refusals.TooMany("git.too-many-commits", "commits", Limit, "more");
            }
            found.Add(Checked(repository, commit));
        }
        return found.ToImmutable();
    }

    public static DateTimeOffset TimeOf(Commit commit) => Read(() => commit.Committer.When);

    /// <summary>The addresses of author and committer, as they are written.</summary>
    public static ImmutableArray<string> AddressesOf(Commit commit) =>
        Read<ImmutableArray<string>>(() => [commit.Author.Email, commit.Committer.Email]);

    /// <summary>Names and addresses of author and committer, as they are written.</summary>
    public static ImmutableArray<string> NamesOf(Commit commit) => Read<ImmutableArray<string>>(
        () => [commit.Author.Name, commit.Author.Email, commit.Committer.Name, commit.Committer.Email]);

    private static Commit Checked(Repository repository, Commit commit) =>
        Objects.SizeOf(repository, commit.Id) <= LargestCommit && !AddressesOf(commit).IsDefault ? commit : throw Refusals.BadCommit();

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is ArgumentException or LibGit2SharpException)
        {
            throw Refusals.BadCommit();
        }
    }
}
