using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Changes the key registry in a folder that has the root key, one change at a time, each under the next number.</summary>
/// <param name="folder">The folder with <c>root.key</c>: a person's, or on one machine the silo's own.</param>
internal sealed class Registrar(string folder, TimeProvider time)
{
    /// <summary>Makes the root key, its public part and an empty registry.</summary>
    /// <returns>The root's public key in base64.</returns>
    /// <exception cref="OutsideException">There is a root already, or the folder cannot be written.</exception>
    public string Found()
    {
        // Where it died between the two, the key that was made is the root.
        var path = Path.Combine(folder, KeyRegistry.RootKey);
        var begun = File.Exists(path) && !File.Exists(KeyRegistry.PathIn(folder)) && !Directory.EnumerateFiles(folder, "*.key").Skip(1).Any();
        using var root = begun ? KeyFile.Load(path, KeyRegistry.RootOwner) : KeyFile.Create(path, KeyRegistry.RootOwner);
        PrivateFile.Replace(Path.Combine(folder, KeyRegistry.RootPublicKey), System.Text.Encoding.ASCII.GetBytes(root.PublicKey + "\n"));
        KeyRegistry.Empty.Write(folder, root, time.GetUtcNow());
        return root.PublicKey;
    }

    /// <summary>Makes keys that are missing, and signs the registry anew where half of its life is over.</summary>
    public void Supply(IEnumerable<Role> roles)
    {
        var path = Path.Combine(folder, KeyRegistry.RootKey);
        if (!File.Exists(KeyRegistry.PathIn(folder)) && (File.Exists(path) || !File.Exists(Path.Combine(folder, KeyRegistry.RootPublicKey))))
        {
            Found();
        }
        var known = KeyRegistry.Read(folder, KeyRegistry.RootOf(folder));
        var missing = roles.Distinct().Where(role => known.Find(role, time.GetUtcNow()) is null).ToArray();
        if (missing.Length == 0 && (!File.Exists(path) || known.ExpiresAt - time.GetUtcNow() > KeyRegistry.Life / 2))
        {
            return;
        }
        Change(registry => missing.Aggregate(registry, (all, role) => all.With(First(role, all))));
    }

    /// <summary>Invites a silo to join with keys of its own.</summary>
    /// <param name="path">Where the ticket goes; only the silo may have it.</param>
    /// <param name="roster">The roster's file; it goes along where it is there.</param>
    public JoinTicket Invite(string silo, ImmutableArray<Role> roles, TimeSpan life, string path, string roster)
    {
        using var root = Root();
        var seed = RandomNumberGenerator.GetBytes(32);
        using var key = KeyFile.Of("ticket", seed);
        var now = time.GetUtcNow();
        var ticket = new JoinTicket(Nonce.Fresh(), silo, roles, key.PublicKey, now, now + life);
        var envelope = Dsse.Sign(JoinTicket.PayloadType, JsonSerializer.SerializeToUtf8Bytes(ticket, StatementJson.Strict), root.Owner, root.Sign);
        var registry = Dsse.FromBytes(File.ReadAllBytes(Path.Combine(folder, KeyRegistry.FileName)));
        new TicketFile(root.PublicKey, envelope, Convert.ToBase64String(seed), registry,
            File.Exists(roster) ? Dsse.FromBytes(File.ReadAllBytes(roster)) : null).Write(path);
        return ticket;
    }

    /// <summary>Gives the role a new key on this machine; the old one goes on for <see cref="TrustedKeys.Overlap"/>.</summary>
    public RegisteredKey Rotate(Role role)
    {
        using (Root())
        {
            // Nothing is made where nobody can register it.
        }
        if (KeyRegistry.Read(folder, KeyRegistry.RootOf(folder)).Keys.All(key => key.Role != role || key.Holder.Length > 0))
        {
            throw new RefusedException(new Reason(
                "keys.not-here", "A role's key is replaced where it lies.", $"a folder with the key of {Principal.Name(role)}", $"{folder}, which has none",
                "A silo that joined gets a new key with a new ticket: maestro keys enroll."));
        }
        // The file first: whoever reads the registry then finds the key that it names.
        using var made = KeyFolder.Create(folder, role);
        var fresh = new RegisteredKey(role, made.PublicKey, From: time.GetUtcNow());
        Change(registry => registry with
        {
            Keys =
            [
                .. registry.Keys.Select(key => key.Role == role && key.Holder.Length == 0 && key.Until is null
                    ? key with { Until = fresh.From + TrustedKeys.Overlap }
                    : key),
                fresh,
            ],
        });
        return fresh;
    }

    /// <summary>Takes a key's word back: whatever it says it signed from then on is not believed.</summary>
    /// <param name="seen">A silo's folder of keys, where the key may have joined that the root's own folder does not know; null for none.</param>
    /// <exception cref="RefusedException"><c>keys.unknown</c>: no key has this id.</exception>
    public RegisteredKey Revoke(string id, DateTimeOffset since, string? seen = null)
    {
        var root = KeyRegistry.RootOf(folder);
        var known = new[] { folder, seen }.OfType<string>().SelectMany(place => KeyFolder.Read(place, root).Keys).FirstOrDefault(key => key.Id == id)
            ?? throw new RefusedException(new Reason("keys.unknown", "A key is named by its id.", "the id of a registered key",
                new UntrustedText(id).Shown(40), "See them with: maestro keys list."));
        var revoked = known with { RevokedSince = known.RevokedSince < since ? known.RevokedSince : since };
        Change(registry => registry with { Keys = [.. registry.Keys.Where(key => key.PublicKey != known.PublicKey), revoked] });
        return revoked;
    }

    /// <summary>Takes a ticket back, and with it the keys that joined with it. False where that cannot be the id of a ticket.</summary>
    public bool Withdraw(string ticket)
    {
        // As tickets are made: a mistyped key's id must not pass for one.
        if (ticket.Length != Nonce.Fresh().Length || !Nonce.IsOne(ticket))
        {
            return false;
        }
        Change(registry => registry with { Tickets = [.. registry.Tickets.Append(ticket).Distinct()] });
        return true;
    }

    private void Change(Func<KeyRegistry, KeyRegistry> change)
    {
        using var root = Root();
        using var turn = OneAtATime.Enter($"{Path.Combine(folder, KeyRegistry.FileName)}.lock");
        change(KeyRegistry.Read(folder, root.PublicKey)).Write(folder, root, time.GetUtcNow());
    }

    // A key that was never registered is there where something died between making and registering it. One that was has had its time.
    private RegisteredKey First(Role role, KeyRegistry registry)
    {
        var from = registry.Keys.Any(key => key.Role == role) ? time.GetUtcNow() : default;
        foreach (var path in KeyFolder.Files(folder, role))
        {
            using var known = KeyFile.Load(path, Principal.OfRole(role));
            if (registry.Keys.All(key => key.PublicKey != known.PublicKey))
            {
                return new(role, known.PublicKey, From: from);
            }
        }
        using var made = KeyFolder.Create(folder, role);
        return new(role, made.PublicKey, From: from);
    }

    private KeyFile Root() => KeyFile.Load(Path.Combine(folder, KeyRegistry.RootKey), KeyRegistry.RootOwner);
}
