using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside;

/// <summary>The place where repositories and pull requests live.</summary>
public interface IGitHost
{
    /// <summary>Opens a pull request for two branches, or finds the open one; a moved head is recorded as a push.</summary>
    /// <exception cref="RefusedException">A branch is missing, head equals base, or the two do not merge.</exception>
    Task<ChangeOpened> OpenAsync(Application application, string headBranch, string baseBranch, string opener, CancellationToken cancellation);

    /// <summary>The number of the open pull request for these two branches; null where none is open.</summary>
    Task<int?> FindAsync(Application application, string headBranch, string baseBranch, CancellationToken cancellation);

    /// <summary>Closes the pull request. One that is closed or merged already stays so.</summary>
    /// <exception cref="RefusedException">It does not exist.</exception>
    Task CloseAsync(Application application, int number, CancellationToken cancellation);

    /// <summary>The pull request as it stands now: tips of head and base, merge tree, authors.</summary>
    /// <exception cref="RefusedException">It does not exist (any more), or head and base do not merge.</exception>
    Task<ChangeOpened> ReadAsync(Application application, int number, CancellationToken cancellation);

    /// <summary>Where head and base point now, without merging or comparing; null for a branch that is gone.</summary>
    Task<Tips> ReadTipsAsync(Application application, int number, CancellationToken cancellation);

    /// <summary>What the merge would change in the base, at most <paramref name="limits"/>; what does not fit is counted, never dropped silently.</summary>
    Task<Comparison> CompareAsync(Application application, string baseCommit, string headCommit, ComparisonLimits limits, CancellationToken cancellation);

    /// <summary>One file of a commit; null where there is none.</summary>
    /// <exception cref="RefusedException">The file is larger than <paramref name="maxBytes"/>.</exception>
    Task<byte[]?> ReadFileAsync(Application application, string commit, string path, int maxBytes, CancellationToken cancellation);

    /// <summary>The files below a folder of a tree (a commit or tree id), with their contents.</summary>
    /// <exception cref="RefusedException">There are more files or bytes than allowed, or a path leaves the folder.</exception>
    Task<ImmutableDictionary<string, byte[]>> ReadFolderAsync(
        Application application, string tree, string folder, int maxFiles, long maxBytes, CancellationToken cancellation);

    /// <summary>Writes a tree into an empty folder: regular files and directories only; a link, a submodule or a path that leaves the folder refuses.</summary>
    Task ExportAsync(Application application, string tree, string folder, CancellationToken cancellation);

    /// <summary>Moves the base branch to the attempt's merge commit, if head and base are still the expected ones. Merged before is success.</summary>
    /// <returns>The commit the base branch points at.</returns>
    /// <exception cref="RefusedException">Head or base moved.</exception>
    Task<string> MergeAsync(Application application, ChangeOpened change, CancellationToken cancellation);
}

/// <summary>Where the two branches of a pull request point.</summary>
/// <param name="IsOpen">Neither merged nor closed.</param>
public sealed record Tips(string? Head, string? Base, bool IsOpen);

/// <summary>Limits of a comparison; beyond them files are listed with <see cref="ChangedFile.Skipped"/>.</summary>
public sealed record ComparisonLimits(int Files, long BytesPerFile, long BytesInAll)
{
    public static ComparisonLimits Default { get; } = new(2000, 1 << 20, 8 << 20);
}

/// <summary>The changed files and what the commits say. All text in it is hostile until checked.</summary>
/// <param name="FilesInAll">How many files changed, also those beyond the limits.</param>
public sealed record Comparison(ImmutableArray<ChangedFile> Files, int FilesInAll, ImmutableArray<UntrustedText> CommitMessages)
{
    /// <summary>Names and addresses of authors and committers, each once.</summary>
    public ImmutableArray<UntrustedText> CommitNames { get; init; } = [];

    /// <summary>How many commit messages are not here, or not whole.</summary>
    public int MessagesUnread { get; init; }

    /// <summary>How many of the names and addresses are not here, or not whole.</summary>
    public int NamesUnread { get; init; }
}

/// <summary>One changed file, with its whole new text: the state of a comment cannot be known from a hunk.</summary>
/// <param name="Path">The path as git has it; may hold anything but NUL.</param>
/// <param name="Before">The path before a rename.</param>
/// <param name="New">The new content as bytes; null where it was deleted or skipped.</param>
/// <param name="Old">The old content as bytes; null where it was added or skipped.</param>
/// <param name="AddedLines">Line numbers on the new side that are new or changed, from 1.</param>
/// <param name="RemovedLines">Line numbers on the old side that are gone, from 1.</param>
/// <param name="Skipped">Why the content is not here, such as <c>binary</c> or <c>too large</c>; null where it is.</param>
public sealed record ChangedFile(
    UntrustedText Path, UntrustedText? Before, ReadOnlyMemory<byte>? New, ReadOnlyMemory<byte>? Old,
    ImmutableArray<int> AddedLines, ImmutableArray<int> RemovedLines, string? Skipped);
