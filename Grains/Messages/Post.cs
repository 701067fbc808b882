using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Maestro.Messages;

/// <summary>
/// Signs messages and puts them on their stream. Delivery may lose or double a message and nobody relies on it: the deployment's log is the
/// outbox, and what has started is asked again until it answers.
/// </summary>
public sealed class Post(IServiceProvider services, IKeyring keyring)
{
    /// <summary>An order from the control role, to the stream that the receiver's key names.</summary>
    public Task OrderAsync(string receiver, WorkOrder order) =>
        SendAsync(Traces.Order, order.Binding, Channels.OrdersOf(order.Binding.Audience), receiver,
            Sign(Role.Control, PredicateTypes.WorkOrder, order.Binding, order with { Binding = FromHere(order.Binding) }));

    /// <summary>An answer from <paramref name="role"/> to the deployment it names.</summary>
    public Task AnswerAsync(Role role, AgentAnswer answer) =>
        SendAsync(Traces.Answer, answer.Binding, Channels.Answers, answer.Binding.Deployment.ToString(),
            Sign(role, PredicateTypes.AgentAnswer, answer.Binding, answer with { Binding = FromHere(answer.Binding) }));

    private Binding FromHere(Binding binding) => binding with { Silo = services.GetRequiredService<IOrigins>().Here };

    private Envelope Sign<T>(Role role, string type, Binding binding, T message)
    {
        ImmutableArray<Subject> subjects = [Subject.Of(binding.Effect, Deployments.Digest.Of(System.Text.Encoding.UTF8.GetBytes(binding.Effect)))];
        return Statements.Sign(keyring, role, type, subjects, message);
    }

    private async Task SendAsync(string what, Binding binding, string channel, string receiver, Envelope envelope)
    {
        using var span = Traces.Send(what, binding);
        await services.GetRequiredKeyedService<IStreamProvider>(Channels.Provider).GetStream<Envelope>(StreamId.Create(channel, receiver))
            .OnNextAsync(span is null ? envelope : envelope with { TraceParent = span.Id });
    }
}
