using System.Runtime.InteropServices;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Maestro.Identity;

/// <summary>
/// Seals what a grain answers to another silo, and opens what another silo answered. A refusal needs no seal: whoever took a call may always fail to do
/// what it asks.
/// </summary>
public sealed class SealedAnswers(ICallSeals seals, Serializer serializer, TimeProvider time, IServiceProvider services)
{
    private const string Code = "answer.unsealed";

    /// <param name="from">The role of the grain that answered.</param>
    /// <param name="to">The role that called.</param>
    /// <param name="key">The id of the key that the call was made with.</param>
    internal void Seal(IIncomingGrainCallContext context, Role from, Role to, string key, string nonce)
    {
        if (context.Response is not { Exception: null } answer)
        {
            return;
        }
        var body = serializer.SerializeToArray(answer);
        if (seals.Seal(from, to, SealedAnswer.Message(nonce, body), key) is { } sealing)
        {
            context.Response = new SealedAnswer(ImmutableCollectionsMarshal.AsImmutableArray(body), sealing);
        }
    }

    /// <summary>Puts the answer in place of its sealed form.</summary>
    /// <exception cref="OutsideException"><c>answer.unsealed</c>: no silo with the role that was called has sealed this answer to this call.</exception>
    internal void Open(IOutgoingGrainCallContext context, Role from, Role to, string nonce)
    {
        if (context.Response is { Exception: not null })
        {
            return;
        }
        var body = (context.Response as SealedAnswer)?.Body is { IsDefault: false } given ? given : [];
        context.Response = context.Response is SealedAnswer { Seals: { } sealing }
            && seals.SenderOf(sealing, from, to, SealedAnswer.Message(nonce, body.AsSpan())) is not null
                ? serializer.Deserialize<Response>(body.AsMemory())
                : throw Refuse(context, from);
    }

    private OutsideException Refuse(IOutgoingGrainCallContext context, Role from)
    {
        var found = context.Response is SealedAnswer ? "an answer that somebody else sealed" : "an answer without a seal";
        var audience = CallSite.Of(context).Audience;
        var target = new UntrustedText(context.TargetId.ToString()).Shown();
        // Looked up late: what writes denials to the ledger makes calls itself.
        services.GetRequiredService<IDenials>().Note(new Denial(time.GetUtcNow(), Code, audience, target, "", found));
        return new(new Reason(
            Code, $"{audience} is answered by a silo with the role of the grain that is called.", Principal.OfRole(from), found,
            "See which silos run with 'maestro doctor', and revoke the keys of one that is not what it should be: maestro keys revoke"));
    }
}
