using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// The signed roster, and who of it is in an outside team now. Both must say so: whoever rules the outside directory can take somebody's standing
/// away, and give nobody any (ADR 28).
/// </summary>
internal sealed class StandingDirectory(RosterFile roster, TimeProvider time) : IDirectory, IDisposable
{
    /// <summary>What was read longer ago than this says nothing about now.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, TeamMembers> _teams = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _doubted = new(0, 1);

    public Person? Find(string id) => roster.Find(id);

    public Person? FindByEmail(string email) => roster.FindByEmail(email);

    public Person? FindByAccount(string account) => roster.FindByAccount(account);

    public ImmutableArray<Person> AccountsOf(string id) => roster.AccountsOf(id);

    /// <summary>Takes in what was read just now.</summary>
    /// <param name="accounts">As <see cref="LinkedAccounts.Folded"/> has them.</param>
    public void Note(string team, ImmutableHashSet<string> accounts) => _teams[team] = new(accounts, time.GetUtcNow());

    /// <summary>Ends when somebody was turned away by what was read last, who may have joined the team since.</summary>
    public Task<bool> UntilDoubtedAsync(TimeSpan atMost, CancellationToken cancellation) => _doubted.WaitAsync(atMost, cancellation);

    public void Dispose() => _doubted.Dispose();

    public Reason? StandingFault(Person person, string team)
    {
        var fault = FaultOf(person, team);
        if (fault is not null && _doubted.CurrentCount == 0)
        {
            Doubt();
        }
        return fault;
    }

    private void Doubt()
    {
        try
        {
            _doubted.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else said so at the same time.
        }
    }

    private Reason? FaultOf(Person person, string team)
    {
        if (((IDirectory)roster).StandingFault(person, team) is { } fault)
        {
            return fault;
        }
        if (!_teams.TryGetValue(team, out var members) || time.GetUtcNow() - members.ReadAt > Fresh)
        {
            return new("approval.standing", "Who is in a team is asked of the outside directory, and no answer means nobody.",
                $"an answer about {team} of the last {Fresh.TotalMinutes:F0} minutes", members is null ? "none" : $"one of {members.ReadAt:u}",
                "Try again in a minute. The silo's log says why it has no answer.");
        }
        var accounts = AccountsOf(person.Id).SelectMany(known => known.AccountsElsewhere()).ToArray();
        return accounts.Select(LinkedAccounts.Folded).Any(members.Accounts.Contains)
            ? null
            : new("approval.other-team", "Who decides is in the application's team, by the roster and by the outside directory.",
                $"an account in {team} at {members.ReadAt:u}",
                accounts.Any(GitHubTeams.IsAccount) ? $"{person.Id}, whose account is not" : $"{person.Id}, who has no account there",
                $"Ask somebody of {team}, or enrol the account with: maestro keys enroll --account github:LOGIN");
    }

    private sealed record TeamMembers(ImmutableHashSet<string> Accounts, DateTimeOffset ReadAt);
}
