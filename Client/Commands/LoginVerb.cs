using System.CommandLine;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary><c>maestro login</c>: makes a person's key on this machine and enrols it; without a name it signs in whose key is here.</summary>
internal static class LoginVerb
{
    public static Command Create(SharedOptions shared)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Your id in the roster: lower-case letters, digits and dashes. Leave it out to sign in again.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var (emails, roles, teams) = PersonOptions();
        var request = new Option<string?>("--request")
        {
            Description = "Make your key, and write what the holder of the root key needs to enrol it.",
            HelpName = "FILE",
        };
        var (accounts, sameAs) = (AccountOption(), SameAs());
        var command = new Command("login", "Make your own key on this machine and enrol it, or sign in again.")
        {
            name, emails, roles, teams, accounts, sameAs, request,
        };
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Login(
            shared.Setting,
            PersonOf(parsed, emails, roles, teams) with
            {
                Data = shared.Folder(parsed),
                Name = parsed.GetValue(name) ?? "",
                Accounts = parsed.GetValue(accounts) ?? [],
                SameAs = parsed.GetValue(sameAs),
                Request = SharedOptions.GivenFolder(parsed, request),
            },
            cancellation));
        return command;
    }

    /// <summary>What is said of a person who is enrolled.</summary>
    public static (Option<string[]> Emails, Option<string[]> Roles, Option<string[]> Teams) PersonOptions()
    {
        var roles = Many("--role", "viewer, author, reviewer, sre, security or admin.", "ROLE");
        roles.AcceptOnlyFromAmong([.. Principal.PeopleRoles.Select(NameOf)]);
        return (Many("--email", "An address that stands for you in commits.", "ADDRESS"), roles, Many("--team", "A team whose desk you sit at.", "TEAM"));
    }

    /// <summary>Which accounts elsewhere are the person's.</summary>
    public static Option<string[]> AccountOption() => Many("--account", "An account of yours elsewhere, which is you.", "oidc:ISSUER#SUBJECT|github:LOGIN");

    /// <summary>Whose account it is.</summary>
    public static Option<string?> SameAs() => new("--same-as")
    {
        Description = "The person who is the same human being: neither decides on the other's changes. Your own name undoes it.",
        HelpName = "NAME",
    };

    public static LoginSettings PersonOf(ParseResult parsed, Option<string[]> emails, Option<string[]> roles, Option<string[]> teams) => new(
        "", "", parsed.GetValue(emails) ?? [], [.. (parsed.GetValue(roles) ?? []).Select(role => Principal.PeopleRoles.Single(known => NameOf(known) == role))],
        parsed.GetValue(teams) ?? []);

    /// <summary>Says whose account it is, where it is another's.</summary>
    public static void SayIdentity(Screen.Terminal terminal, Person person)
    {
        if (person.Identity is { } identity && identity != person.Id)
        {
            terminal.Say($"{person.Id} and {identity} are one person: neither decides on a change of the other, and both count once.");
        }
    }

    public static string NameOf(Role role) => role.ToString().ToLowerInvariant();

    private static Option<string[]> Many(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = true };
}
