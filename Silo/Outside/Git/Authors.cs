using System.Collections.Immutable;
using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>Who made a change: opener, authors and committers of its commits, and last pusher together.</summary>
/// <param name="Names">Roster ids where known, else addresses in lower case.</param>
/// <param name="Known">All of them are in the roster.</param>
internal sealed record Authors(string Opener, ImmutableArray<string> Names, bool Known)
{
    public static Authors Of(Repository repository, PullRecord pull, ImmutableArray<Commit> commits, IDirectory directory)
    {
        var opener = (directory.Find(pull.Opener) ?? directory.FindByEmail(pull.Opener) ?? directory.FindByAccount(pull.Opener))?.Id;
        var names = new SortedSet<string>(StringComparer.Ordinal) { opener ?? Shown(pull.Opener) };
        var known = opener is not null;
        var addresses = commits.SelectMany(commit => Commits.AddressesOf(commit)).Concat(Pusher(repository, pull.HeadBranch, commits[0]));
        foreach (var address in addresses.Select(address => address.Trim()).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var person = address.Length > 0 ? directory.FindByEmail(address)?.Id : null;
            known &= person is not null;
            names.Add(person ?? Shown(address));
        }
        return new Authors(opener ?? Shown(pull.Opener), [.. names], known);
    }

    // A log line of a push names the account that serves the repository, not the person who pushed.
    private static IEnumerable<string> Pusher(Repository repository, string branch, Commit head)
    {
        var last = repository.Refs.Log(Tips.Branches + branch).FirstOrDefault();
        return last is not null && last.To == head.Id && last.Message != "push" && last.Committer.Email.Length > 0
            ? [last.Committer.Email]
            : [];
    }

    private static string Shown(string address) =>
        address.Length == 0 ? "(no address)" : new UntrustedText(address.ToLowerInvariant()).Shown();
}
