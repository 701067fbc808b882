using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A joining: the ticket, and what the silo signed with the ticket's key.</summary>
internal sealed record Joining(Envelope Ticket, Envelope Joined)
{
    private const string PayloadType = "application/vnd.maestro.joined+json";

    /// <summary>Keeps a proof that somebody has a key from being a signature over anything else.</summary>
    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("maestro.joined/v1\n");

    /// <summary>Joins with these keys, which the silo has just made.</summary>
    /// <param name="id">The ticket's id.</param>
    public static Joining Make(Envelope ticket, string id, KeyFile ticketKey, IEnumerable<(Role Role, KeyFile Key)> keys, DateTimeOffset now)
    {
        var joined = new Joined(id, [.. keys.Select(own => new JoinedKey(
            own.Role, own.Key.PublicKey, Convert.ToBase64String(own.Key.Sign(Possession(id, own.Role)))))], now);
        var payload = JsonSerializer.SerializeToUtf8Bytes(joined, StatementJson.Strict);
        return new(ticket, Dsse.Sign(PayloadType, payload, ticketKey.Owner, ticketKey.Sign));
    }

    /// <summary>The joining in its stored form.</summary>
    /// <exception cref="OutsideException">It is none.</exception>
    public static Joining Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            return StatementJson.Read<Joining>(StatementJson.Document(json));
        }
        catch (RefusedException refused)
        {
            throw Problem("a ticket and what was signed with it", refused.Reason.Found);
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StatementJson.Strict);

    /// <summary>The ticket and the keys that joined with it.</summary>
    /// <param name="root">The root's public key in base64.</param>
    /// <exception cref="OutsideException">The root signed no such ticket, or the joining is not what the ticket allows.</exception>
    public (JoinTicket Ticket, ImmutableArray<RegisteredKey> Keys) Open(string root)
    {
        var ticket = JoinTicket.Of(Ticket, root);
        var joined = SignedFile.Of<Joined>(Dsse.ToBytes(Joined), PayloadType, ticket.PublicKey, "A joining");
        var fault = joined.Ticket != ticket.Id ? "another ticket's"
            : joined.At < ticket.From || joined.At > ticket.Until ? $"one of {joined.At:O}"
            : joined.Keys.FirstOrDefault(key => !ticket.Roles.Contains(key.Role)) is { } foreign ? $"a key of {foreign.Role}"
            : joined.Keys.Any(key => !RegisteredKey.IsKey(key.PublicKey) || !IsHeld(ticket.Id, key)) ? "a key that nobody showed to have"
            : null;
        return fault is null
            ? (ticket, [.. joined.Keys.Select(key => new RegisteredKey(key.Role, key.PublicKey, ticket.Silo, joined.At))])
            : throw Problem($"keys of {string.Join(", ", ticket.Roles)} between {ticket.From:O} and {ticket.Until:O}", fault);
    }

    private static bool IsHeld(string ticket, JoinedKey key) =>
        Base64Text.Decode(key.Proof) is { } proof && KeyFile.Verify(key.PublicKey, Possession(ticket, key.Role), proof);

    private static byte[] Possession(string ticket, Role role) => [.. Domain, .. Encoding.UTF8.GetBytes($"{ticket}\n{Principal.Name(role)}")];

    private static OutsideException Problem(string expected, string found) => new(new Reason(
        "keys.joining", "A silo joins with the roles of its ticket, in the ticket's time.", expected, found, "Make a new ticket with: maestro keys enroll."));
}

/// <summary>What a silo says when it joins.</summary>
/// <param name="Ticket">The ticket's id.</param>
internal sealed record Joined(string Ticket, ImmutableArray<JoinedKey> Keys, DateTimeOffset At);

/// <param name="Proof">A signature by this key over ticket and role, so that nobody joins with somebody else's key.</param>
internal sealed record JoinedKey(Role Role, string PublicKey, string Proof);
