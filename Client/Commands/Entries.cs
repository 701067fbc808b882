using Maestro.Cluster;
using Maestro.Connection;
using Maestro.Edge;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside.Processes;

namespace Maestro.Commands;

/// <summary>The verbs that start something instead of asking a silo.</summary>
internal static class Entries
{
    public static async Task<int> UpAsync(ConsoleSetting setting, UpSettings up, CancellationToken cancellation)
    {
        var code = await SiloHost.RunAsync(
            new SiloSettings(up.Data, up.Unsandboxed, Verbose: !up.Quiet, up.Database, up.Member, up.Webhooks)
            {
                Telemetry = up.Telemetry ?? TelemetrySettings.None,
                Checkpoints = up.Checkpoints,
                Ticket = up.Ticket,
                Root = up.Root,
                AnyLogin = up.AnyLogin,
                Senders = up.Senders,
                Witnesses = up.Witnesses ?? WitnessSettings.None,
                SignIn = up.SignIn ?? SignInSettings.None,
                Teams = up.Teams,
            },
            file => Answers(setting.Terminal, up, file),
            setting.Terminal.Error, cancellation);
        if (code == ExitCode.Done && !up.Quiet)
        {
            setting.Terminal.Say("The silo has stopped; what it released goes on serving. To end that too: maestro down");
        }
        return code;
    }

    public static async Task<int> LoginAsync(ConsoleSetting setting, LoginSettings login, CancellationToken cancellation)
    {
        if (login.Name.Length == 0)
        {
            return await SignIn.AgainAsync(setting, login.Data, cancellation);
        }
        if (login.Request is { } request)
        {
            return Request(setting, login, request);
        }
        if (!File.Exists(Path.Combine(login.Data, "keys", KeyRegistry.RootKey)))
        {
            throw new SentenceException(
                $"There is no root key in {login.Data} to enrol you. Start a silo first with: maestro up --data {login.Data}\n"
                    + "Where the root key is kept elsewhere, ask its holder: maestro login NAME --request FILE",
                ExitCode.NoSilo);
        }
        var folder = PersonKeys.Folder(login.Data);
        var enrolment = new Enrolment(Path.Combine(login.Data, "keys"), EmbeddedIdentity.RosterPath(login.Data));
        var person = await enrolment.EnrolAsync(
            login.Name, login.Emails.Count > 0 ? [.. login.Emails] : null, login.Roles.Count > 0 ? [.. login.Roles] : null,
            login.Teams.Count > 0 ? [.. login.Teams] : null, login.SameAs, folder, cancellation);
        if (login.Accounts.Count > 0)
        {
            await enrolment.LinkAsync(person.Id, [.. login.Accounts], cancellation);
        }
        PersonKeys.Choose(login.Data, person.Id);
        setting.Terminal.Say($"You are {person.Id}: {string.Join(", ", person.Roles.Select(role => role.ToString().ToLowerInvariant()))}.");
        LoginVerb.SayIdentity(setting.Terminal, person);
        setting.Terminal.Say($"Your key is {Path.Combine(folder, $"{person.Id}.key")}. It signs what you decide; keep it to yourself.");
        setting.Terminal.Say($"From here on this account acts as {person.Id}; log in with another name to change that.");
        await SignIn.FirstAsync(setting, login.Data, cancellation);
        return ExitCode.Done;
    }

    private static int Request(ConsoleSetting setting, LoginSettings login, string path)
    {
        var folder = PersonKeys.Folder(login.Data);
        PersonRequest.Make(Path.Combine(folder, $"{login.Name}.key"), login.Name).Write(path);
        PersonKeys.Choose(login.Data, login.Name);
        setting.Terminal.Say($"Give {path} to the holder of the root key, who enrols you with: maestro keys enroll --person {path}");
        setting.Terminal.Say($"Your key is {Path.Combine(folder, $"{login.Name}.key")}. It signs what you decide; keep it to yourself.");
        return ExitCode.Done;
    }

    private static void Answers(Screen.Terminal terminal, UpSettings up, Hosting.SiloFile file)
    {
        if (up.Member is { } member)
        {
            var roles = string.Join(", ", member.Roles.Select(SiloRoles.NameOf).Distinct());
            terminal.Say($"Silo {member.Name} of {file.ClusterId} is up as {roles}. Ctrl-C stops it.");
            return;
        }
        terminal.Say($"A silo answers for {up.Data} at 127.0.0.1:{file.GatewayPort}. Ctrl-C stops it; what it released goes on serving.");
        if (!up.Quiet)
        {
            terminal.Say("Whoever can read this folder holds every role. Log in with: maestro login NAME");
        }
    }

    public static Task<int> EdgeAsync(ConsoleSetting setting, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        arguments is ["--data", var folder, "--keys", var keys, "--root", var root]
        ? EdgeServer.RunAsync(folder, keys, root, cancellation)
        : throw new SentenceException("An edge is started as: maestro edge --data FOLDER --keys FOLDER --root KEY", ExitCode.Usage);

    public static Task<int> WorkAsync(ConsoleSetting setting, IReadOnlyList<string> arguments, CancellationToken cancellation) => arguments is [var folder]
        ? WorkLauncher.RunAsync(folder)
        : throw new SentenceException("Work is launched as: maestro work FOLDER", ExitCode.Usage);
}
