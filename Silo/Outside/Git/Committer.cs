using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>The name under which Maestro commits merges and moves references.</summary>
internal static class Committer
{
    public const string Name = "Maestro";
    public const string Email = "maestro@localhost";

    /// <summary>
    /// The signature of a merge: the later time of the two commits, so that the same two always give the same merge commit.
    /// </summary>
    public static Signature For(Commit @base, Commit head)
    {
        var (baseTime, headTime) = (Commits.TimeOf(@base), Commits.TimeOf(head));
        return new Signature(Name, Email, (baseTime > headTime ? baseTime : headTime).ToUniversalTime());
    }
}
