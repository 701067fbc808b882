using Maestro.Anomalies;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>
/// What every receiver does with a message whose signature it has verified, and with one that it drops. Only what passes every check is counted
/// for the role that signed it: a message that fails one can have been made, kept or sent again by anybody.
/// </summary>
public sealed class Reception(MessageRule rule, INonceStore nonces, SenderWatch watch, Refusals refusals, TimeProvider time)
{
    /// <summary>The kind of the ledger's entry of a message that was not used.</summary>
    public const string Dropped = "message.dropped";

    /// <summary>The kind of the entry of a message that was genuine, and did not count.</summary>
    public const string Refused = "message.refused";

    /// <summary>Returns where the message may be used; from then on it cannot be received again, whichever silo has the receiver.</summary>
    /// <param name="sender">The role whose key signed it.</param>
    /// <param name="receiver">Within which a nonce is used once: the receiving grain's key, or the deployment's where several may receive.</param>
    /// <param name="memory">The receiver's own, which spares a look at the store for what came a moment ago.</param>
    /// <exception cref="RefusedException">With a code of <see cref="MessageRefusal"/>.</exception>
    /// <exception cref="OutsideException">It could not be found out; the message is not used and may come again.</exception>
    public async Task AdmitAsync(
        Role sender, string receiver, Envelope envelope, IBoundMessage message, MessageExpectation expected, NonceMemory memory)
    {
        if (await watch.IsCutOffAsync(expected.Audience, sender))
        {
            throw MessageRefusal.CutOff(sender);
        }
        rule(message, expected, time.GetUtcNow(), memory);
        var (nonce, until) = (message.Binding.Nonce, message.Binding.ExpiresAt + MessageCheck.Skew);
        var isFirst = false;
        try
        {
            isFirst = await nonces.UseAsync($"{Principal.OfRole(expected.Audience)} {receiver}", nonce, until);
        }
        catch (OutsideException)
        {
            memory.Forget(nonce);
            throw;
        }
        if (!isFirst)
        {
            throw MessageRefusal.Replayed();
        }
        watch.Took(expected.Audience, sender, message.Binding, envelope.Payload.Length / 4 * 3);
    }

    /// <summary>Notes that a message was dropped. It counts against the channel, and against nobody whose name it carries.</summary>
    public Task DropAsync(Role receiver, string subject, Reason reason) => DropAsync(receiver, Principal.OfRole(receiver), subject, reason);

    /// <inheritdoc cref="DropAsync(Role, string, Reason)"/>
    /// <param name="actor">Who sent it, as far as its signature says.</param>
    public Task DropAsync(Role receiver, string actor, string subject, Reason reason)
    {
        watch.Dropped(receiver, reason.Code);
        return refusals.NoteAsync(actor, subject, Dropped, reason);
    }

    /// <summary>Notes a message that passed every check and answers what its sender was never asked. No honest agent sends one.</summary>
    /// <param name="kind"><see cref="Dropped"/> or <see cref="Refused"/>.</param>
    public Task StrayAsync(Role receiver, Role sender, string subject, string kind, Reason reason)
    {
        watch.Strayed(receiver, sender);
        return refusals.NoteAsync(Principal.OfRole(sender), subject, kind, reason);
    }

    /// <summary>Notes a message that passed every check and came too late to count, as an honest one can.</summary>
    public Task LateAsync(Role sender, string subject, Reason reason) =>
        refusals.NoteAsync(Principal.OfRole(sender), subject, Refused, reason);
}
