using System.CommandLine;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Sessions;

namespace Maestro.Commands;

/// <summary><c>maestro logout</c>: forgets the session of this machine. The key stays.</summary>
internal static class LogoutVerb
{
    public static Command Create(SharedOptions shared)
    {
        var command = new Command("logout", "Forget your session on this machine; your key stays.");
        command.SetAction(parsed =>
        {
            var folder = shared.Folder(parsed);
            using var key = SignIn.Key(folder);
            var path = StoredSession.PathOf(PersonKeys.Folder(folder), key.Person);
            var existed = File.Exists(path);
            File.Delete(path);
            shared.Terminal(parsed).Say(existed
                ? $"The session of {key.Person} is gone from this machine. A copy of it would go on until it ends; your key stays."
                : $"{key.Person} has no session here.");
            return ExitCode.Done;
        });
        return command;
    }
}
