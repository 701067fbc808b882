using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Makes people's keys and puts people into the roster, on a machine that holds the root key.</summary>
/// <param name="keys">The folder with the root key.</param>
/// <param name="rosterPath">The roster's file.</param>
internal sealed class Enrolment(string keys, string rosterPath)
{
    /// <summary>
    /// Adds the person, or changes what is given. A person whose key file is in the folder keeps the key; otherwise a new one is made and
    /// takes the old one's place. The first person of a roster gets every role unless roles are given.
    /// </summary>
    /// <param name="roles">Null leaves them as they are; a new person then may look only.</param>
    /// <param name="folder">The person's own folder; the key is <c>{id}.key</c> in it.</param>
    /// <exception cref="RefusedException">The name, an address or a role cannot be a person's.</exception>
    /// <exception cref="OutsideException">The root key is not here, or a file is not what it should be.</exception>
    public Task<Person> EnrolAsync(
        string name, ImmutableArray<string>? emails, ImmutableArray<Role>? roles, ImmutableArray<string>? teams, string folder,
        CancellationToken cancellation) => EnrolAsync(name, emails, roles, teams, null, folder, cancellation);

    /// <summary>The same, and says whose account this is.</summary>
    /// <param name="sameAs">The person who is the same human being; the own name to be nobody else's any more; null leaves it as it is.</param>
    public async Task<Person> EnrolAsync(
        string name, ImmutableArray<string>? emails, ImmutableArray<Role>? roles, ImmutableArray<string>? teams, string? sameAs, string folder,
        CancellationToken cancellation)
    {
        Check(name, roles);
        var path = Path.Combine(folder, $"{name}.key");
        // Nothing of a person is made where there is no root to enrol them.
        using (Root())
        {
            using var key = File.Exists(path) ? KeyFile.Load(path, name) : KeyFile.Create(path, name);
            return await AddAsync(name, emails, roles, teams, key.PublicKey, sameAs, replaces: true, cancellation);
        }
    }

    /// <summary>The same for a person whose key was made elsewhere, with what <see cref="PersonRequest"/> says of it.</summary>
    /// <param name="replaces">Whether a person who has another key gets this one instead.</param>
    /// <exception cref="RefusedException">The name, an address or a role cannot be a person's, or the person did not show to have the key.</exception>
    /// <exception cref="OutsideException">The root key is not here, or a file is not what it should be.</exception>
    public Task<Person> EnrolAsync(
        PersonRequest request, ImmutableArray<string>? emails, ImmutableArray<Role>? roles, ImmutableArray<string>? teams, bool replaces,
        CancellationToken cancellation) => EnrolAsync(request, emails, roles, teams, null, replaces, cancellation);

    /// <summary>The same, and says whose account this is, as above.</summary>
    public Task<Person> EnrolAsync(
        PersonRequest request, ImmutableArray<string>? emails, ImmutableArray<Role>? roles, ImmutableArray<string>? teams, string? sameAs, bool replaces,
        CancellationToken cancellation)
    {
        Check(request.Person, roles);
        return request.IsHeld
            ? AddAsync(request.Person, emails, roles, teams, request.PublicKey, sameAs, replaces, cancellation)
            : throw Refusal("a key that the person has", "a request that the key did not sign");
    }

    /// <summary>Says which accounts elsewhere are this person's, beside those that the roster names already.</summary>
    /// <param name="accounts">Such as <c>oidc:ISSUER#SUBJECT</c>, letter for letter, or <c>github:LOGIN</c>.</param>
    /// <exception cref="RefusedException">There is no such person, or an account is none, or somebody else's.</exception>
    /// <exception cref="OutsideException">The root key is not here, or a file is not what it should be.</exception>
    public async Task<Person> LinkAsync(string name, ImmutableArray<string> accounts, CancellationToken cancellation)
    {
        using var claim = await OneAtATime.EnterAsync($"{rosterPath}.lock", cancellation);
        using var root = Root();
        var roster = File.Exists(rosterPath) ? Roster.Read(rosterPath, root.PublicKey) : Roster.Empty;
        var known = roster.Find(name) ?? throw Refusal("a person in the roster", new UntrustedText(name).Shown(64));
        foreach (var account in accounts)
        {
            if (!IsAccount(account))
            {
                throw Refusal("an account as oidc:ISSUER#SUBJECT or github:LOGIN", new UntrustedText(account).Shown(120));
            }
            if (roster.FindByAccount(account) is { } other && other.Id != name)
            {
                throw Refusal("an account that no other person has", $"an account of {other.Id}");
            }
        }
        ImmutableArray<string> before = known.Accounts.IsDefault ? [] : known.Accounts;
        var person = known with { Accounts = [.. before.Union(accounts, StringComparer.Ordinal)] };
        roster.With(person).Write(rosterPath, root);
        return person;
    }

    private static bool IsAccount(string text) => GitHubTeams.IsAccount(text) || IsOfIssuer(text);

    private static bool IsOfIssuer(string text) => text.Length <= 600 && !text.Any(char.IsControl)
        && text.StartsWith("oidc:", StringComparison.Ordinal) && text.IndexOf('#', StringComparison.Ordinal) is var at and > 0 && at < text.Length - 1
        && OutsideIssuer.IsSafe(text["oidc:".Length..at]);

    private async Task<Person> AddAsync(
        string name, ImmutableArray<string>? emails, ImmutableArray<Role>? roles, ImmutableArray<string>? teams, string publicKey,
        string? sameAs, bool replaces, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var claim = await OneAtATime.EnterAsync($"{rosterPath}.lock", cancellation);
        using var root = Root();
        var roster = File.Exists(rosterPath) ? Roster.Read(rosterPath, root.PublicKey) : Roster.Empty;
        if (roster.People.FirstOrDefault(other => other.PublicKey == publicKey && other.Id != name) is { } twin)
        {
            throw Refusal("a key that no other person has", $"the key of {twin.Id}");
        }
        var known = roster.Find(name);
        if (!replaces && known is not null && known.PublicKey != publicKey)
        {
            throw Refusal($"the key that {name} is enrolled with, or --replace-key", "another key");
        }
        var person = new Person(
            name, emails ?? known?.Emails ?? [], roles ?? known?.Roles ?? (roster.People.IsEmpty ? Principal.PeopleRoles : [Role.Viewer]),
            teams ?? known?.Teams ?? [], publicKey, known?.Identity, known?.Accounts ?? []);
        var changed = roster.With(person);
        changed = sameAs is null ? changed : changed.Linked(name, sameAs);
        CheckEmails(changed, name);
        changed.Write(rosterPath, root);
        return changed.Find(name)!;
    }

    private KeyFile Root() => KeyFile.Load(Path.Combine(keys, KeyRegistry.RootKey), KeyRegistry.RootOwner);

    private static void Check(string name, ImmutableArray<Role>? roles)
    {
        if (!Principal.IsPersonId(name))
        {
            throw Refusal("a lower-case letter, then up to 62 lower-case letters, digits, dots and dashes; not root",
                new UntrustedText(name).Shown(64));
        }
        foreach (var role in (roles ?? []).Where(role => !Principal.PeopleRoles.Contains(role)))
        {
            throw Refusal($"roles among {string.Join(", ", Principal.PeopleRoles)}", role.ToString());
        }
    }

    private static void CheckEmails(Roster roster, string name)
    {
        var person = roster.Find(name)!;
        if (roster.People.FirstOrDefault(other => IdentityOf(other) != IdentityOf(person)
            && person.Emails.Any(email => other.Emails.Contains(email, StringComparer.OrdinalIgnoreCase))) is { } stranger)
        {
            throw Refusal("an address that no other person has", $"an address of {stranger.Id}");
        }
    }

    private static string IdentityOf(Person person) => person.Identity ?? person.Id;

    private static RefusedException Refusal(string expected, string found) => new(new Reason(
        "people.enrolment", "A person in the roster has a plain name, addresses of their own and a person's roles.", expected, found,
        "Choose another and enrol again."));
}
