using System.CommandLine;
using System.Globalization;
using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro keys</c>: the root of trust, and what it signs. It asks no silo; silos learn of a change within seconds.</summary>
internal static class KeysVerb
{
    private static readonly TimeSpan TicketLife = TimeSpan.FromHours(1);

    public static Command Create(SharedOptions shared) => new("keys", "Keep the root of trust, and the keys that it vouches for.")
    {
        Init(shared), Enroll(shared), KeysList.Create(shared), Rotate(shared), Revoke(shared), KeysVerify.Create(shared), KeysPublish.Create(shared),
    };

    private static Command Init(SharedOptions shared)
    {
        var folder = new Argument<string>("DIR") { Description = "A folder of yours, best on a medium that you take away." };
        var command = new Command("init", "Make a root key for silos that hold none.") { folder };
        command.SetAction(parsed =>
        {
            var place = Path.GetFullPath(parsed.GetRequiredValue(folder));
            var root = new Registrar(place, shared.Setting.Time).Found();
            var terminal = shared.Terminal(parsed);
            terminal.Say($"The root key is {Path.Combine(place, KeyRegistry.RootKey)}. Keep it away from every silo; whoever has it is everybody.");
            terminal.Say($"Silos trust it by its fingerprint: {RootPin.FingerprintOf(root)}");
            terminal.Say($"Let a silo join with: maestro keys enroll --keys {place} --silo NAME --roles ROLES --out FILE");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Enroll(SharedOptions shared)
    {
        var keys = KeysPlace.Option();
        var silo = new Option<string?>("--silo") { Description = "The name of a silo that may join.", HelpName = "NAME" };
        var roles = new Option<string?>("--roles") { Description = $"Its roles, with commas: {string.Join(", ", SiloRoles.Names)}.", HelpName = "ROLES" };
        var minutes = SharedOptions.Number("--minutes", "How long the ticket can be used.", 1, 7 * 24 * 60, (int)TicketLife.TotalMinutes);
        var file = new Option<string?>("--out") { Description = "Where the silo's ticket goes.", HelpName = "FILE" };
        var person = new Option<string?>("--person") { Description = "A person's request, made by 'maestro login NAME --request FILE'.", HelpName = "FILE" };
        var replaces = new Option<bool>("--replace-key") { Description = "Give a person who is enrolled with another key this one instead." };
        var (emails, personRoles, teams) = LoginVerb.PersonOptions();
        var (accounts, sameAs) = (LoginVerb.AccountOption(), LoginVerb.SameAs());
        var command = new Command("enroll", "Make a ticket for a silo, or enrol a person.")
        {
            keys, silo, roles, minutes, file, person, replaces, emails, personRoles, teams, accounts, sameAs,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var place = KeysPlace.Of(shared, parsed, keys);
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.GivenFolder(parsed, person) is { } request)
            {
                var wanted = LoginVerb.PersonOf(parsed, emails, personRoles, teams) with
                {
                    Accounts = parsed.GetValue(accounts) ?? [],
                    SameAs = parsed.GetValue(sameAs),
                };
                return await EnrolAsync(terminal, place, PersonRequest.Read(request), wanted, parsed.GetValue(replaces), cancellation);
            }
            if (parsed.GetValue(silo) is not { Length: > 0 } name || parsed.GetValue(roles) is not { } named
                || SharedOptions.GivenFolder(parsed, file) is not { } path)
            {
                throw new SentenceException("A silo is enrolled with --silo NAME --roles ROLES --out FILE, a person with --person FILE.", ExitCode.Usage);
            }
            var member = ClusterSilo.Of(name, named, 0);
            var ticket = new Registrar(place.Keys, shared.Setting.Time).Invite(
                member.Name, member.Roles, TimeSpan.FromMinutes(parsed.GetValue(minutes)), path, place.Roster);
            terminal.Say($"{path} lets silo {ticket.Silo} join once, until {Shown(ticket.Until)}. It holds a key: bring it there safely.");
            terminal.Say($"Take it back with: maestro keys revoke {ticket.Id}");
            terminal.Say($"There: maestro silo --name {ticket.Silo} --roles {named} --join FILE");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> EnrolAsync(
        Terminal terminal, KeysPlace place, PersonRequest request, LoginSettings wanted, bool replaces, CancellationToken cancellation)
    {
        var enrolment = new Enrolment(place.Keys, place.Roster);
        var person = await enrolment.EnrolAsync(
            request, wanted.Emails.Count > 0 ? [.. wanted.Emails] : null, wanted.Roles.Count > 0 ? [.. wanted.Roles] : null,
            wanted.Teams.Count > 0 ? [.. wanted.Teams] : null, wanted.SameAs, replaces, cancellation);
        if (wanted.Accounts.Count > 0)
        {
            await enrolment.LinkAsync(person.Id, [.. wanted.Accounts], cancellation);
        }
        var roles = string.Join(", ", person.Roles.Select(LoginVerb.NameOf));
        terminal.Say($"{person.Id} is enrolled with key {RootPin.FingerprintOf(person.PublicKey)}: {roles}.");
        LoginVerb.SayIdentity(terminal, person);
        return ExitCode.Done;
    }

    private static Command Rotate(SharedOptions shared)
    {
        var keys = KeysPlace.Option();
        var name = new Argument<string>("ROLE") { Description = "Such as review, desk or ledger." };
        var command = new Command("rotate", "Give a role on this machine a new key; the old one signs a minute longer.") { name, keys };
        command.SetAction(parsed =>
        {
            var role = Principal.RoleOf($"role:{parsed.GetRequiredValue(name)}") ?? throw new SentenceException(
                $"There is no such role. Roles are {string.Join(", ", Principal.SiloRoles.Select(Principal.Name))}.", ExitCode.Usage);
            var fresh = new Registrar(KeysPlace.Of(shared, parsed, keys).Keys, shared.Setting.Time).Rotate(role);
            shared.Terminal(parsed).Say($"{Principal.Name(role)} signs with key {fresh.Id} from now on. What older keys signed in their time stays signed.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Revoke(SharedOptions shared)
    {
        var keys = KeysPlace.Option();
        var id = new Argument<string>("ID")
        {
            Description = "The id of a key, or of a ticket with all that joined with it. With --keys, name the silo that knows it with --data.",
        };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "What it signed from here on is not believed. Default: nothing that it ever signed is.",
            HelpName = "TIME",
        };
        var command = new Command("revoke", "Take a key's word back.") { id, since, keys };
        command.SetAction(parsed =>
        {
            var registrar = new Registrar(KeysPlace.Of(shared, parsed, keys).Keys, shared.Setting.Time);
            var seen = parsed.GetValue(keys) is not null && shared.GivenFolder(parsed) is { } data ? KeysPlace.OfData(data).Keys : null;
            var (named, then) = (parsed.GetRequiredValue(id), parsed.GetValue(since) ?? DateTimeOffset.MinValue);
            var what = then == DateTimeOffset.MinValue ? "" : $" for what it signed since {Shown(then)}";
            shared.Terminal(parsed).Say(registrar.Withdraw(named)
                ? $"Ticket {named} is withdrawn, and with it the keys that joined with it."
                : $"Key {registrar.Revoke(named, then, seen).Id} is revoked{what}.");
            return ExitCode.Done;
        });
        return command;
    }

    public static string Shown(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
