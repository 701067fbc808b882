using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Lets a silo join a cluster with a ticket of its root: the silo makes its own keys, and only their public parts leave it.</summary>
internal sealed class SiloJoining(ITrustStore store, string keys, string roster, TimeProvider time)
{
    private const int Batch = 100;

    /// <summary>Joins, unless it has joined with this ticket before.</summary>
    /// <param name="pinned">The root that the silo was told to trust; null for whichever made the ticket.</param>
    /// <exception cref="RefusedException">
    /// <c>keys.pinned</c>, <c>join.root</c>, <c>join.silo</c>, <c>join.used</c>, <c>join.expired</c> or <c>join.roles</c>.
    /// </exception>
    /// <exception cref="OutsideException">The ticket cannot be read or is not the root's, or the database did not answer.</exception>
    public async Task JoinAsync(string path, string silo, ImmutableArray<Role> roles, string? pinned, CancellationToken cancellation)
    {
        var file = TicketFile.Read(path);
        RootPin.Check(pinned, file.Root);
        var ticket = JoinTicket.Of(file.Ticket, file.Root);
        if (ticket.Silo != silo)
        {
            throw Refusal("join.silo", "A ticket is for one silo.", ticket.Silo, silo, "Correct --name, or make a ticket for this silo.");
        }
        var folder = Trust(file);
        if (File.Exists(KeyFolder.JoiningOf(keys, ticket.Id)))
        {
            return;
        }
        var known = await FindAsync(ticket, file.Root, cancellation);
        if (known is null)
        {
            await store.AddAsync(TrustDocument.Join + ticket.Id, 1, file.Use(keys, roles, time.GetUtcNow()).Joining.ToBytes(), cancellation);
            known = await FindAsync(ticket, file.Root, cancellation);
        }
        // Of two that joined with one ticket the first counts. It is this silo, also where it died before it knew.
        if (known is null || !IsOurs(Joining.Of(known.Content.AsMemory()).Open(file.Root).Keys))
        {
            throw Refusal("join.used", "A ticket is good for one joining.", "a ticket that nobody used", $"one that silo {ticket.Silo} joined with",
                "Make a new ticket with: maestro keys enroll. If you did not join, revoke the keys that did.");
        }
        folder.Take(known, null);
    }

    /// <summary>Takes in what the root signed since; what it did not sign is left where it is.</summary>
    public static async Task CatchUpAsync(ITrustStore store, TrustFolder folder, CancellationToken cancellation)
    {
        for (var place = 0L; await store.ReadAsync(place, Batch, cancellation) is { IsEmpty: false } documents; place = documents[^1].Place)
        {
            foreach (var document in documents)
            {
                try
                {
                    folder.Take(document, null);
                }
#pragma warning disable CA1031 // Whatever is wrong with one document, those after it count; the rounds that follow say what it was.
                catch (Exception disowned) when (disowned is not (IOException or UnauthorizedAccessException))
#pragma warning restore CA1031
                {
                }
            }
        }
    }

    private TrustFolder Trust(TicketFile file)
    {
        var pub = Path.Combine(keys, KeyRegistry.RootPublicKey);
        if (File.Exists(pub) && KeyRegistry.RootOf(keys) != file.Root)
        {
            throw Refusal("join.root", "A silo has one root.", RootPin.FingerprintOf(KeyRegistry.RootOf(keys)), RootPin.FingerprintOf(file.Root),
                "Start with an empty data folder, or a ticket of the same root.");
        }
        if (!File.Exists(pub))
        {
            PrivateFile.Replace(pub, System.Text.Encoding.ASCII.GetBytes(file.Root + "\n"));
        }
        var folder = new TrustFolder(keys, roster, file.Root);
        folder.Take(new(0, TrustDocument.Registry, 1, [.. Dsse.ToBytes(file.Registry)]), null);
        if (file.Roster is { } people)
        {
            folder.Take(new(0, TrustDocument.Roster, 1, [.. Dsse.ToBytes(people)]), null);
        }
        return folder;
    }

    private async Task<TrustDocument?> FindAsync(JoinTicket ticket, string root, CancellationToken cancellation)
    {
        for (var place = 0L; await store.ReadAsync(place, Batch, cancellation) is { IsEmpty: false } documents; place = documents[^1].Place)
        {
            if (documents.FirstOrDefault(document => document.Kind == TrustDocument.Join + ticket.Id && IsGenuine(document, ticket, root)) is { } found)
            {
                return found;
            }
        }
        return null;
    }

    private static bool IsGenuine(TrustDocument document, JoinTicket ticket, string root)
    {
        try
        {
            return Joining.Of(document.Content.AsMemory()).Open(root).Ticket.Id == ticket.Id;
        }
#pragma warning disable CA1031 // Whatever it is that somebody wrote there, it is no joining.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    private bool IsOurs(ImmutableArray<RegisteredKey> joined) => joined.All(key =>
    {
        var own = KeyFolder.Load(keys, key.Role);
        var found = own.Any(file => file.PublicKey == key.PublicKey);
        foreach (var file in own)
        {
            file.Dispose();
        }
        return found;
    });

    private static RefusedException Refusal(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));
}
