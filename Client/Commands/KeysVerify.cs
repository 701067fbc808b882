using System.Collections.Immutable;
using System.CommandLine;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro keys verify</c>: whether root, registry, roster, joinings and private keys of a folder fit each other.</summary>
internal static class KeysVerify
{
    public static Command Create(SharedOptions shared)
    {
        var keys = KeysPlace.Option();
        var root = SiloOptions.RootOption();
        var command = new Command("verify", "Check root, registry, roster and private keys of a folder.") { keys, root };
        command.SetAction(parsed =>
        {
            var place = KeysPlace.Of(shared, parsed, keys);
            var findings = Look(place, parsed.GetValue(root), shared.Setting.Time.GetUtcNow());
            shared.Terminal(parsed).Write([.. findings.Select(Shown)]);
            return findings.All(finding => finding.Fault is null) ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static ImmutableArray<Finding> Look(KeysPlace place, string? pinned, DateTimeOffset now)
    {
        var root = "";
        var trusted = new TrustedKeys(0, default, []);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        findings.Add(Check("root", () =>
        {
            root = KeyRegistry.RootOf(place.Keys);
            RootPin.Check(pinned, root);
            return RootPin.FingerprintOf(root);
        }));
        findings.Add(Check("registry", () =>
        {
            trusted = KeyFolder.Read(place.Keys, root);
            return now < trusted.ExpiresAt
                ? $"number {trusted.Number}, {trusted.Keys.Length} keys, good until {KeysVerb.Shown(trusted.ExpiresAt)}"
                : throw new SentenceException($"it expired on {KeysVerb.Shown(trusted.ExpiresAt)}; sign it anew with any 'maestro keys' change.");
        }));
        findings.Add(Check("roster", () => People(place.Roster, root)));
        findings.AddRange(Principal.SiloRoles.Where(role => KeyFolder.Files(place.Keys, role).Any()).Select(role =>
            Check($"private key of {Principal.Name(role)}", () => Private(place, role, trusted, now))));
        return findings.ToImmutable();
    }

    private static string People(string path, string root)
    {
        if (!File.Exists(path))
        {
            return "none yet";
        }
        var roster = Roster.Read(path, root);
        return $"number {roster.Number}, {roster.People.Length} people";
    }

    private static string Private(KeysPlace place, Role role, TrustedKeys trusted, DateTimeOffset now)
    {
        var own = KeyFolder.Load(place.Keys, role);
        try
        {
            return trusted.Of(role).FirstOrDefault(key => key.SignsAt(now) && own.Any(file => file.PublicKey == key.PublicKey)) is { } key
                ? $"signs as {key.Id}"
                : throw new SentenceException("it is not registered, or not any more.");
        }
        finally
        {
            foreach (var file in own)
            {
                file.Dispose();
            }
        }
    }

    private static Finding Check(string what, Func<string> look)
    {
        try
        {
            return new(what, look(), null);
        }
        catch (Exception fault) when (fault is OutsideException or Deployments.RefusedException or SentenceException or FormatException)
        {
            return new(what, "", fault.Message);
        }
    }

    private static Line Shown(Finding finding) => finding.Fault is { } fault
        ? Line.Of(new Span("✖ ", Tone.Bad), new Span($"{finding.What}: {fault}"))
        : Line.Of(new Span("✔ ", Tone.Good), new Span($"{finding.What}: {finding.Found}"));

    private sealed record Finding(string What, string Found, string? Fault);
}
