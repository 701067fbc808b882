using System.Text;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>The tips of a pull request's two branches, read now.</summary>
internal sealed record Tips(Commit Head, Commit Base)
{
    public const string Branches = "refs/heads/";

    /// <param name="noHead">The code of the refusal where the head branch is not there.</param>
    /// <exception cref="RefusedException">A branch does not exist.</exception>
    public static Tips Read(Repository repository, string headBranch, string baseBranch, string noHead)
    {
        var @base = Find(repository, baseBranch) ?? throw Refusals.NoBranch("git.no-base", baseBranch);
        var head = Find(repository, headBranch) ?? throw Refusals.NoBranch(noHead, headBranch);
        return new Tips(head, @base);
    }

    /// <summary>The commit a branch points at; null where there is no such branch, or where its name is not one.</summary>
    public static Commit? Find(Repository repository, string branch) =>
        IsName(branch) && ReferenceFile.Read(repository, Branches + branch) is { } id ? Objects.Find(repository, id) as Commit : null;

    private static bool IsName(string branch) =>
        branch is { Length: > 0 and <= 200 } && !branch.StartsWith('-') && !branch.Any(char.IsControl)
        && branch.Split('/').All(part => Encoding.UTF8.GetByteCount(part) <= 200) && Reference.IsValidName(Branches + branch);
}
