using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The root's word that one silo may join, once, with these roles and keys of its own making.</summary>
/// <param name="Id">A fresh value; the joining is kept under it, so that there is only one.</param>
/// <param name="Silo">The name of the silo that may join.</param>
/// <param name="PublicKey">The ticket's own key, which signs the joining; 32 bytes in base64.</param>
/// <param name="Until">It can be used until here.</param>
internal sealed record JoinTicket(string Id, string Silo, ImmutableArray<Role> Roles, string PublicKey, DateTimeOffset From, DateTimeOffset Until)
{
    public const string PayloadType = "application/vnd.maestro.join-ticket+json";

    /// <summary>The ticket in its envelope.</summary>
    /// <exception cref="OutsideException">The root did not sign it.</exception>
    public static JoinTicket Of(Envelope envelope, string root) =>
        SignedFile.Of<JoinTicket>(Dsse.ToBytes(envelope), PayloadType, root, "A join ticket") is var ticket && Nonce.IsOne(ticket.Id)
            ? ticket
            : throw new OutsideException(new Reason("join.ticket", "A ticket has a plain id.", "letters, digits, dashes and underscores",
                "something else", "Make a new ticket with: maestro keys enroll."));
}
