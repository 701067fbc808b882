using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>Where a repository keeps what all its work trees share: references, their logs, and Maestro's lock.</summary>
internal static class GitFolder
{
    public static string Of(Repository repository)
    {
        var own = repository.Info.Path;
        var common = Path.Combine(own, "commondir");
        return File.Exists(common) ? Path.GetFullPath(Path.Combine(own, File.ReadAllText(common).Trim())) : own;
    }
}
