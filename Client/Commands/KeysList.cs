using System.CommandLine;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro keys list</c>: who signs with what, and until when.</summary>
internal static class KeysList
{
    public static Command Create(SharedOptions shared)
    {
        var keys = KeysPlace.Option();
        var output = SharedOptions.Output();
        var command = new Command("list", "Show the root, and every key that it vouches for.") { keys, output };
        command.SetAction(async (parsed, _) =>
        {
            var place = KeysPlace.Of(shared, parsed, keys);
            var root = KeyRegistry.RootOf(place.Keys);
            var (trusted, now) = (KeyFolder.Read(place.Keys, root), shared.Setting.Time.GetUtcNow());
            var terminal = shared.Terminal(parsed);
            if (SharedOptions.AsksForJson(parsed, output))
            {
                var view = new { Root = RootPin.FingerprintOf(root), trusted.Number, trusted.ExpiresAt, Keys = trusted.Keys.Select(key => View(key, now)) };
                await terminal.Out.WriteLineAsync(JsonOutput.Of("keys", view));
                return ExitCode.Done;
            }
            terminal.Say($"Root {RootPin.FingerprintOf(root)}");
            terminal.Say($"Registry {trusted.Number}, good until {KeysVerb.Shown(trusted.ExpiresAt)}");
            terminal.Write(Columns.Of(["KEY", "ROLE", "SILO", "SINCE", "STATE"], trusted.Keys.OrderBy(key => key.Role).ThenBy(key => key.From).Select(
                key => Row(key, now))));
            return ExitCode.Done;
        });
        return command;
    }

    public static string StateOf(RegisteredKey key, DateTimeOffset now) =>
        key.RevokedSince is { } since ? since == DateTimeOffset.MinValue ? "revoked" : $"revoked since {KeysVerb.Shown(since)}"
        : key.Until is { } until ? now > until ? $"retired {KeysVerb.Shown(until)}" : "retiring"
        : "signs";

    private static object View(RegisteredKey key, DateTimeOffset now) =>
        new { key.Id, Role = Principal.Name(key.Role), Silo = key.Holder, key.From, key.Until, key.RevokedSince, State = StateOf(key, now) };

    private static System.Collections.Immutable.ImmutableArray<Span> Row(RegisteredKey key, DateTimeOffset now) =>
    [
        new(key.Id, Tone.Strong), new(Principal.Name(key.Role)), new(key.Holder.Length > 0 ? key.Holder : "-"),
        new(key.From == default ? "-" : KeysVerb.Shown(key.From), Tone.Faint),
        new(StateOf(key, now), key.RevokedSince is not null ? Tone.Bad : key.SignsAt(now) ? Tone.Good : Tone.Faint),
    ];
}
