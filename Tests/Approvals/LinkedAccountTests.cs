using System.Collections.Immutable;
using CsCheck;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Approvals;

/// <summary>Whatever the roster, one human being with many accounts never decides on an own change, nor counts twice.</summary>
public sealed class LinkedAccountTests
{
    private static readonly DateTimeOffset Now = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BelievingKeyring Keyring = new();

    /// <summary>Accounts of a few people; each account but a person's first shares something with one of the person's accounts before it.</summary>
    private static readonly Gen<ImmutableArray<Account>> Rosters = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 100], Gen.Int[0, 3]).Array[2, 8].Select(Accounts);

    [Fact]
    public void No_pair_of_linked_accounts_ever_decides_on_an_own_change() => Rosters.Sample(roster =>
    {
        var check = new ApprovalCheck(Keyring, new Listed(roster, IsClosed: true));
        foreach (var (author, other) in Pairs(roster))
        {
            var expected = author.Human == other.Human ? "approval.author" : null;
            Assert.All(NamesOf(author), name => Assert.Equal(expected, FaultOf(check, other, authors: [name], given: [])));
        }
    });

    [Fact]
    public void No_pair_of_linked_accounts_ever_counts_as_two() => Rosters.Sample(roster =>
    {
        var check = new ApprovalCheck(Keyring, new Listed(roster, IsClosed: true));
        foreach (var (first, second) in Pairs(roster))
        {
            Assert.Equal(first.Human == second.Human ? "approval.given" : null, FaultOf(check, second, authors: [], given: [first.Person.Id]));
        }
    });

    [Fact]
    public void Were_accounts_not_linked_a_second_one_would_do()
    {
        ImmutableArray<Account> roster = Accounts([(0, 0, 0), (0, 0, 0)]);
        var check = new ApprovalCheck(Keyring, new Listed(roster, IsClosed: false));
        Assert.Null(FaultOf(check, roster[1], authors: [roster[0].Person.Id], given: []));
        Assert.Null(FaultOf(check, roster[1], authors: [], given: [roster[0].Person.Id]));
    }

    private static ImmutableArray<Account> Accounts((int Human, int Before, int Kind)[] drawn)
    {
        var made = new List<Account>();
        foreach (var (human, before, kind) in drawn)
        {
            var id = FormattableString.Invariant($"p{made.Count}");
            var person = new Person(id, [$"{id}@example.com"], [Role.Reviewer], ["crew"], $"key of {id}", null, [$"github:{id}"]);
            var own = made.FindAll(account => account.Human == human);
            made.Add(new(human, own.Count == 0 ? person : Linked(person, own[before % own.Count].Person, kind)));
        }
        return [.. made];
    }

    private static Person Linked(Person person, Person other, int kind) => kind switch
    {
        0 => person with { Identity = other.Id },
        1 => person with { PublicKey = other.PublicKey },
        2 => person with { Emails = [.. person.Emails, other.Emails[0].ToUpperInvariant()] },
        _ => person with { Accounts = [.. person.Accounts, other.Accounts[0].Replace("p", "P", StringComparison.Ordinal)] },
    };

    private static IEnumerable<(Account One, Account Other)> Pairs(ImmutableArray<Account> roster) =>
        roster.SelectMany(one => roster.Select(other => (one, other)));

    private static IEnumerable<string> NamesOf(Account account) => [account.Person.Id, .. account.Person.Emails, .. account.Person.Accounts];

    private static string? FaultOf(ApprovalCheck check, Account account, ImmutableArray<string> authors, ImmutableArray<string> given)
    {
        var decision = new Decision(
            "pr/local/acme/shop/1", 1, Stage.Approval, "a", "b", null, null, "production", Nonce.Fresh(),
            account.Person.Id, true, null, Now, Now.AddMinutes(5));
        var request = new ApprovalRequest(
            decision.Deployment, 1, Stage.Approval, 1, "a", "b", null, null, "production", decision.Nonce, Now, Now.AddHours(24), 2,
            given, authors, "?", [], []);
        return check.FindFault(request, decision, "crew", Now)?.Code;
    }

    private sealed record Account(int Human, Person Person);

    private sealed record Listed(ImmutableArray<Account> Roster, bool IsClosed) : IDirectory
    {
        public Person? Find(string id) => Roster.FirstOrDefault(account => account.Person.Id == id)?.Person;

        public Person? FindByEmail(string email) => null;

        public Person? FindByAccount(string account) => null;

        public ImmutableArray<Person> AccountsOf(string id) =>
            IsClosed ? LinkedAccounts.Of(id, [.. Roster.Select(account => account.Person)]) : Find(id) is { } person ? [person] : [];
    }
}
