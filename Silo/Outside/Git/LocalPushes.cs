using LibGit2Sharp;
using Maestro.Applications;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Tells quickly whether a pull request's branches moved, without merging or comparing anything.</summary>
internal sealed class LocalPushes(LocalRepositories repositories, TimeProvider time)
{
    /// <summary>
    /// Whether head or base differ from the recorded pair, or are gone. A pull request that is not open any more does not move.
    /// </summary>
    /// <exception cref="RefusedException">There is no such pull request.</exception>
    public Task<bool> HasMovedAsync(Application application, int number, string head, string @base, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, _) => HasMoved(repository, number, head, @base), cancellation);

    private bool HasMoved(Repository repository, int number, string head, string @base)
    {
        var pull = new PullRequests(repository, time).Get(number);
        return pull.State == PullState.Open
            && (Tips.Find(repository, pull.HeadBranch)?.Sha != head || Tips.Find(repository, pull.BaseBranch)?.Sha != @base);
    }
}
