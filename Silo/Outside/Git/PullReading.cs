using LibGit2Sharp;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Git;

/// <summary>Opens and reads pull requests of one open repository.</summary>
internal sealed class PullReading(
    Repository repository, Application application, IDirectory directory, SensitivePaths sensitive, TimeProvider time,
    CancellationToken token)
{
    private const int Rereads = 3;
    private const int LongestTitle = 120;

    private readonly PullRequests _pulls = new(repository, time);

    /// <exception cref="RefusedException">A branch is missing, head brings nothing, or the two do not merge.</exception>
    public ChangeOpened Open(string headBranch, string baseBranch, string opener)
    {
        var tips = Tips.Read(repository, headBranch, baseBranch, "git.no-head");
        var merge = TrialMerge.Make(repository, tips.Base, tips.Head, new PullNames(headBranch, baseBranch), token);
        Commits.Between(repository, tips.Base, tips.Head, token);
        var title = new UntrustedText(FirstLine(tips.Head.Message)).Shown(LongestTitle);
        PullRecord pull;
        using (RepositoryLock.Take(repository, token))
        {
            pull = _pulls.FindOrOpen(headBranch, baseBranch, opener, title);
            _pulls.Point(pull.Number, tips.Head.Id, merge.Commit(repository, pull.Number).Id);
        }
        return Describe(pull, merge);
    }

    /// <summary>As it stands now; as it was merged where it is merged.</summary>
    public ChangeOpened Read(int number)
    {
        var pull = _pulls.Get(number);
        return pull.State switch
        {
            PullState.Open => ReadOpen(pull),
            PullState.Merged => ReadMerged(pull),
            _ => throw Refusals.Refused("git.closed", "The pull request must be open.", "an open one", "a closed one", "Open it again."),
        };
    }

    private ChangeOpened ReadOpen(PullRecord pull)
    {
        for (var read = 0; read < Rereads; read++)
        {
            var tips = Tips.Read(repository, pull.HeadBranch, pull.BaseBranch, "git.head-vanished");
            var merge = TrialMerge.Make(repository, tips.Base, tips.Head, new PullNames(pull.HeadBranch, pull.BaseBranch), token);
            if (TryPoint(pull, merge))
            {
                return Describe(pull, merge);
            }
        }
        throw Refusals.Broken("git.moving", "Head and base must stand still for a moment.", "pushes without end", "Try again.");
    }

    private ChangeOpened ReadMerged(PullRecord pull)
    {
        var id = ReferenceFile.Read(repository, PullRequests.MergeReference(pull.Number));
        if (id is null || repository.Lookup<Commit>(id) is not { } commit || commit.Parents.ToList() is not [var @base, var head])
        {
            throw Refusals.Broken("git.bad-record", "A merged pull request has its merge commit.", "none", "Restore the repository.");
        }
        return Describe(pull, new TrialMerge(@base, head, commit.Tree));
    }

    // A slow reader must not write an older head over a newer one.
    private bool TryPoint(PullRecord pull, TrialMerge merge)
    {
        var commit = merge.Commit(repository, pull.Number);
        using var held = RepositoryLock.Take(repository, token);
        if (Tips.Find(repository, pull.HeadBranch)?.Id != merge.Head.Id || Tips.Find(repository, pull.BaseBranch)?.Id != merge.Base.Id)
        {
            return false;
        }
        _pulls.Point(pull.Number, merge.Head.Id, commit.Id);
        return true;
    }

    private ChangeOpened Describe(PullRecord pull, TrialMerge merge)
    {
        var authors = Authors.Of(repository, pull, Commits.Between(repository, merge.Base, merge.Head, token), directory);
        var changes = TreeComparison.Between(repository, merge.Base.Tree, merge.Tree, token);
        return new ChangeOpened(
            application, pull.Number, pull.Title, pull.HeadBranch, pull.BaseBranch, merge.Head.Sha, merge.Base.Sha, merge.Tree.Sha,
            merge.Commit(repository, pull.Number).Sha, authors.Opener, authors.Names, authors.Known,
            sensitive.Among(repository, merge.Base, changes));
    }

    private static string FirstLine(string message) => message.TrimStart('\n', '\r').Split('\n', 2)[0].TrimEnd('\r');
}
