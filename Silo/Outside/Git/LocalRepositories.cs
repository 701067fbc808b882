using LibGit2Sharp;
using Maestro.Applications;

namespace Maestro.Outside.Git;

/// <summary>
/// Opens local repositories. LibGit2Sharp is synchronous and native, so each call runs on the thread pool with a handle of its own,
/// and the caller stops waiting after the limit even where the native code cannot be stopped.
/// </summary>
/// <param name="limit">How long one call may take; 30 seconds unless given.</param>
internal sealed class LocalRepositories(TimeProvider time, TimeSpan? limit = null) : IDisposable
{
    // Abandoned native calls keep their thread, so only this many run at a time.
    private readonly SemaphoreSlim _places = new(8);

    public TimeSpan Limit { get; } = limit ?? TimeSpan.FromSeconds(30);

    /// <summary>Runs the work with the application's repository open.</summary>
    /// <exception cref="OutsideException">It took too long, or the repository could not be read.</exception>
    public async Task<T> UseAsync<T>(Application application, Func<Repository, CancellationToken, T> work, CancellationToken cancellation)
    {
        using var clock = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        var token = both.Token;
        try
        {
            await _places.WaitAsync(token);
            var running = Task.Run(() => Work(application.Repository, work, token), CancellationToken.None);
            return await running.WaitAsync(token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Refusals.Broken(
                "git.timeout", $"A call to the repository takes at most {Limit.TotalSeconds:0.#} seconds.", "no answer in time",
                "Try again.");
        }
    }

    public void Dispose() => _places.Dispose();

    private T Work<T>(string path, Func<Repository, CancellationToken, T> work, CancellationToken token)
    {
        try
        {
            token.ThrowIfCancellationRequested();
            using var repository = Open(path);
            return work(repository, token);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Refusals.Broken(
                "git.unreadable", "The repository must be readable.", new UntrustedText(error.Message).Shown(), "Check it with git fsck.",
                error);
        }
        finally
        {
            _places.Release();
        }
    }

    // The bindings answer objects and logs that were written by hand with argument, state and format errors too.
    private static bool IsUnreadable(Exception error) => error is
        LibGit2SharpException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
        or FormatException or OverflowException;

    private static Repository Open(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw Refusals.Broken(
                "git.no-repository", "A local repository is registered by its absolute path.", "a relative path", "Register it again.");
        }
        try
        {
            return new Repository(path);
        }
        catch (RepositoryNotFoundException error)
        {
            throw Refusals.Broken("git.no-repository", "The registered repository must exist.", "no git repository at its path",
                "Restore it, or register the application again.", error);
        }
    }
}
