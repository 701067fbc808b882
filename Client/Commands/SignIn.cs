using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Screen;
using Maestro.Sessions;
using SiloFile = Maestro.Connection.SiloFile;

namespace Maestro.Commands;

/// <summary>Gets a session for the person whose key lies on this machine.</summary>
internal static class SignIn
{
    /// <summary>Where the silo of the data folder has people sign in.</summary>
    /// <exception cref="SentenceException">It has no such place.</exception>
    public static SignInPlace Place(string data) => SiloFile.Read(data)?.SignIn is { IsUsable: true } place ? place : throw new SentenceException(
        $"The silo of {data} gives no sessions; your key is enough. It would with --api-port or --oidc-issuer.", ExitCode.Refused);

    /// <exception cref="SentenceException">Nobody has logged in here.</exception>
    public static PersonKey Key(string data) => PersonKeys.Load(data)
        ?? throw new SentenceException("There is no key of yours here to sign in with. Make one with: maestro login NAME", ExitCode.Refused);

    /// <summary>After somebody was enrolled: the session that can be had without them, or how to get one.</summary>
    public static async Task FirstAsync(ConsoleSetting setting, string data, CancellationToken cancellation)
    {
        if (SiloFile.Read(data)?.SignIn is not { IsUsable: true } place)
        {
            return;
        }
        if (!place.Own)
        {
            setting.Terminal.Say($"The silo asks for a session of {Shown.Text(place.Issuer)} beside your key. Sign in with: maestro login");
            return;
        }
        try
        {
            await AgainAsync(setting, data, cancellation);
        }
        catch (SentenceException silent)
        {
            // The key is enough for the console; a session is had when it is needed.
            setting.Terminal.Say($"{silent.Message} You have no session yet: maestro login");
        }
    }

    /// <summary>Signs in the person whose key is here.</summary>
    public static async Task<int> AgainAsync(ConsoleSetting setting, string data, CancellationToken cancellation)
    {
        var place = Place(data);
        using var key = Key(data);
        var session = place.Own ? await ForKeyAsync(setting, place, key, cancellation)
            : await new BrowserSignIn(place, setting.Terminal, setting.Time).SignInAsync(cancellation);
        new PersonSessions(place, key, data, setting.Time).Keep(session);
        setting.Terminal.Say($"You are signed in as {key.Person} at {Shown.Text(place.Issuer)} until {KeysVerb.Shown(session.ExpiresAt)}.");
        if (place.Own)
        {
            setting.Terminal.Say("This issuer knows one factor, your key: there is none that asks for a second.");
        }
        return ExitCode.Done;
    }

    private static async Task<StoredSession> ForKeyAsync(ConsoleSetting setting, SignInPlace place, PersonKey key, CancellationToken cancellation)
    {
        using var tokens = new TokenEndpoint(place, setting.Time);
        return await tokens.ForKeyAsync(key, cancellation) ?? throw new SentenceException(
            $"The silo gave {key.Person} no session. Is your key the enrolled one? Make it so with: maestro login {key.Person}", ExitCode.Refused);
    }
}
