using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>Everything the local git host says no to, or could not find out, with a stable code each.</summary>
internal static class Refusals
{
    public static RefusedException Refused(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));

    public static OutsideException Broken(string code, string rule, string found, string wayOut, Exception? inner = null) =>
        new(new Reason(code, rule, "an answer", found, wayOut), inner);

    public static RefusedException NoBranch(string code, string name) => Refused(
        code, "Both branches of a pull request must exist.", $"a branch '{Shown(name)}'", "none", "Push the branch, or name another one.");

    public static RefusedException Same(string head, string @base) => Refused(
        "git.same", "A pull request must bring something.", $"commits on '{Shown(head)}' that '{Shown(@base)}' lacks", "none",
        "Commit and push first.");

    public static RefusedException NoCommit(string id) => Refused(
        "git.no-commit", "The commit or tree must be in the repository.", "an object id of 40 hexadecimal digits that is there",
        Shown(id), "Open the pull request again.");

    public static RefusedException BadCommit() => Refused(
        "git.bad-commit", "Every commit of a change must be readable.",
        "commits with a valid author, committer and time, at most 1 MiB each",
        "one that is not", "Rewrite that commit and push again.");

    public static RefusedException TooMany(string code, string what, long limit, string found) => Refused(
        code, $"A change has at most {limit:N0} {what}.", $"{limit:N0} or fewer", found, "Split the change.");

    public static RefusedException UnsafePath(string path, string why) => Refused(
        "git.unsafe-path", "A tree is written only where every path stays inside the folder and is a regular file.",
        "regular files with plain names",
        $"'{Shown(path)}' ({why})", "Remove it from the change.");

    private static string Shown(string text) => new UntrustedText(text).Shown(120);
}
