using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A ticket to join with, in a file that only its owner may read: whoever has it first can join.</summary>
/// <param name="Root">The root's public key in base64, which the silo pins.</param>
/// <param name="Seed">The ticket's private key.</param>
/// <param name="Registry">The registry at that time, so that the first silo of a cluster has one.</param>
/// <param name="Roster">The roster at that time; null where there is none.</param>
internal sealed record TicketFile(string Root, Envelope Ticket, string Seed, Envelope Registry, Envelope? Roster = null)
{
    /// <exception cref="OutsideException">The file is there already, or cannot be written.</exception>
    public void Write(string path)
    {
        try
        {
            PrivateFile.Create(path, JsonSerializer.SerializeToUtf8Bytes(this, StatementJson.Strict));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, "a new file", failure.Message);
        }
    }

    /// <exception cref="OutsideException">The file is missing, readable by others, or not a ticket.</exception>
    public static TicketFile Read(string path)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            throw Problem(path, "a file that only its owner may read (chmod 600)", "a file that others may read");
        }
        try
        {
            return StatementJson.Read<TicketFile>(StatementJson.Document(File.ReadAllBytes(path)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or RefusedException)
        {
            throw Problem(path, "a join ticket", failure is RefusedException ? "something else" : failure.Message);
        }
    }

    /// <summary>Joins with new keys of these roles, made in the folder.</summary>
    /// <exception cref="RefusedException"><c>join.expired</c>, or <c>join.roles</c>: the ticket does not let this silo join so, or not any more.</exception>
    /// <exception cref="OutsideException">The root did not sign the ticket, or a key cannot be made.</exception>
    public (JoinTicket Ticket, Joining Joining) Use(string folder, ImmutableArray<Role> roles, DateTimeOffset now)
    {
        var ticket = JoinTicket.Of(Ticket, Root);
        if (now > ticket.Until || now < ticket.From - TimeSpan.FromSeconds(30))
        {
            throw Refusal("join.expired", "A ticket is used in its time.", $"a time from {ticket.From:u} to {ticket.Until:u}", $"{now:u}");
        }
        if (roles.FirstOrDefault(role => !ticket.Roles.Contains(role)) is var foreign and not Role.None)
        {
            throw Refusal("join.roles", "A silo joins with the roles of its ticket.", string.Join(", ", ticket.Roles), $"{foreign}");
        }
        using var key = KeyFile.Of("ticket", Base64Text.Decode(Seed) ?? []);
        var keys = roles.Select(role => (role, KeyFolder.Create(folder, role))).ToArray();
        try
        {
            return (ticket, Joining.Make(Ticket, ticket.Id, key, keys, now < ticket.From ? ticket.From : now));
        }
        finally
        {
            Array.ForEach(keys, made => made.Item2.Dispose());
        }
    }

    private static RefusedException Refusal(string code, string rule, string expected, string found) =>
        new(new Reason(code, rule, expected, found, "Make a new ticket with: maestro keys enroll."));

    private static OutsideException Problem(string path, string expected, string found) => new(new Reason(
        "join.ticket", $"A join ticket is read from {path}.", expected, found, "Make a new ticket with: maestro keys enroll."));
}
