using System.CommandLine;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary><c>maestro login</c>: makes a person's key on this machine and enrols it.</summary>
internal static class LoginVerb
{
    private static readonly Role[] PersonRoles = [Role.Viewer, Role.Author, Role.Reviewer, Role.Operator, Role.Administrator];

    public static Command Create(SharedOptions shared)
    {
        var name = new Argument<string>("NAME") { Description = "Your id in the roster: lower-case letters, digits and dashes." };
        var emails = Many("--email", "An address that stands for you in commits.", "ADDRESS");
        var roles = Many("--role", "viewer, author, reviewer, operator or administrator.", "ROLE");
        roles.AcceptOnlyFromAmong([.. PersonRoles.Select(NameOf)]);
        var teams = Many("--team", "A team whose desk you sit at.", "TEAM");
        var command = new Command("login", "Make your own key on this machine and enrol it.") { name, emails, roles, teams };
        command.SetAction((parsed, cancellation) => shared.Setting.EntryPoints.Login(
            shared.Setting,
            new LoginSettings(
                shared.Folder(parsed), parsed.GetRequiredValue(name), parsed.GetValue(emails) ?? [],
                [.. (parsed.GetValue(roles) ?? []).Select(role => PersonRoles.Single(known => NameOf(known) == role))], parsed.GetValue(teams) ?? []),
            cancellation));
        return command;
    }

    private static string NameOf(Role role) => role.ToString().ToLowerInvariant();

    private static Option<string[]> Many(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = true };
}
