using System.CommandLine;
using Maestro.Connection;
using Maestro.Screen;
using Maestro.Sessions;

namespace Maestro.Commands;

/// <summary><c>maestro session</c>: who is signed in here, until when, how, and where; renewed where that needs nobody.</summary>
internal static class SessionVerb
{
    public static Command Create(SharedOptions shared)
    {
        var token = new Option<bool>("--token") { Description = "Print the session itself, for the API. Whoever has it may read what you may read." };
        var output = SharedOptions.Output();
        var command = new Command("session", "Show your session: who, until when, how, from which issuer.") { token, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = shared.Folder(parsed);
            var place = SignIn.Place(folder);
            using var key = SignIn.Key(folder);
            var session = await new PersonSessions(place, key, folder, shared.Setting.Time).FindAsync(cancellation);
            if (session is null || session.ExpiresAt <= shared.Setting.Time.GetUtcNow())
            {
                throw new SentenceException(
                    session is null ? "You have no session here. Sign in with: maestro login" : "Your session has ended. Sign in with: maestro login",
                    ExitCode.Refused);
            }
            var terminal = shared.Terminal(parsed);
            if (parsed.GetValue(token))
            {
                await terminal.Out.WriteLineAsync(session.Token);
                return ExitCode.Done;
            }
            string[] methods = session.Claim("amr") is { ValueKind: System.Text.Json.JsonValueKind.Array } list
                ? [.. list.EnumerateArray().Select(item => Shown.Text(item.ToString()))] : [];
            var subject = Shown.Text(session.Claim("sub")?.ToString() ?? "");
            await terminal.Out.WriteLineAsync(SharedOptions.AsksForJson(parsed, output)
                ? JsonOutput.Of("session", new { key.Person, session.Issuer, Subject = subject, session.ExpiresAt, Methods = methods, place.Own })
                : $"{key.Person}, as {subject} at {Shown.Text(session.Issuer)}, until {KeysVerb.Shown(session.ExpiresAt)}"
                    + (methods.Length > 0 ? $", signed in with {string.Join(", ", methods)}" : ""));
            return ExitCode.Done;
        });
        return command;
    }
}
