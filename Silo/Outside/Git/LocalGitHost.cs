using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Applications;
using Maestro.Evidence;
using Maestro.Manifests;

namespace Maestro.Outside.Git;

/// <summary>
/// A git host over local repositories, bare or not; an application's repository is an absolute path. Pull requests are references of the
/// repository itself: <c>refs/pull/{n}/head</c>, <c>refs/pull/{n}/merge</c> and a record at <c>refs/maestro/pull/{n}</c>.
/// </summary>
internal sealed class LocalGitHost(
    LocalRepositories repositories, IDirectory directory, IManifestReader manifests, TimeProvider time) : IGitHost
{
    private readonly SensitivePaths _sensitive = new(manifests);

    public Task<ChangeOpened> OpenAsync(
        Application application, string headBranch, string baseBranch, string opener, CancellationToken cancellation) =>
        repositories.UseAsync(
            application, (repository, token) => Reading(repository, application, token).Open(headBranch, baseBranch, opener), cancellation);

    public Task<int?> FindAsync(Application application, string headBranch, string baseBranch, CancellationToken cancellation) =>
        repositories.UseAsync(
            application, (repository, _) => new PullRequests(repository, time).FindOpen(headBranch, baseBranch)?.Number, cancellation);

    public Task CloseAsync(Application application, int number, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, token) => Close(repository, number, token), cancellation);

    public Task<ChangeOpened> ReadAsync(Application application, int number, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, token) => Reading(repository, application, token).Read(number), cancellation);

    public Task<Outside.Tips> ReadTipsAsync(Application application, int number, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, _) => TipsOf(repository, number), cancellation);

    public Task<Comparison> CompareAsync(
        Application application, string baseCommit, string headCommit, ComparisonLimits limits, CancellationToken cancellation) =>
        repositories.UseAsync(
            application, (repository, token) => MergeComparison.Of(repository, baseCommit, headCommit, limits, token), cancellation);

    public Task<byte[]?> ReadFileAsync(Application application, string commit, string path, int maxBytes, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, _) => TreeContents.File(repository, commit, path, maxBytes), cancellation);

    /// <inheritdoc/>
    /// <remarks>The keys are relative to the folder, with slashes. A folder that is not there has no files.</remarks>
    public Task<ImmutableDictionary<string, byte[]>> ReadFolderAsync(
        Application application, string tree, string folder, int maxFiles, long maxBytes, CancellationToken cancellation) =>
        repositories.UseAsync(
            application, (repository, token) => TreeContents.Folder(repository, tree, folder, maxFiles, maxBytes, token), cancellation);

    public Task ExportAsync(Application application, string tree, string folder, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, token) => Export(repository, tree, folder, token), cancellation);

    public Task<string> MergeAsync(Application application, ChangeOpened change, CancellationToken cancellation) =>
        repositories.UseAsync(application, (repository, token) => Merge(repository, change, token), cancellation);

    private PullReading Reading(Repository repository, Application application, CancellationToken token) =>
        new(repository, application, directory, _sensitive, time, token);

    private Outside.Tips TipsOf(Repository repository, int number)
    {
        var pull = new PullRequests(repository, time).Get(number);
        return new(Tips.Find(repository, pull.HeadBranch)?.Sha, Tips.Find(repository, pull.BaseBranch)?.Sha, pull.State == PullState.Open);
    }

    private bool Close(Repository repository, int number, CancellationToken token)
    {
        using var held = RepositoryLock.Take(repository, token);
        return new PullRequests(repository, time).MarkClosed(number);
    }

    private string Merge(Repository repository, ChangeOpened change, CancellationToken token)
    {
        using var held = RepositoryLock.Take(repository, token);
        return new BaseMerge(repository, time, token).Merge(change);
    }

    private static bool Export(Repository repository, string tree, string folder, CancellationToken token)
    {
        TreeExport.Write(repository, Objects.FindTree(repository, tree), folder, token);
        return true;
    }
}
