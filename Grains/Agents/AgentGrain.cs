using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Maestro.Agents;

/// <summary>
/// An agent: takes signed orders from its stream, verifies them, asks the stage, and answers with signed evidence. It keeps nothing that
/// matters: an order that is lost with its silo is given again, and every stage finds its own first effect.
/// </summary>
[Reentrant]
public abstract partial class AgentGrain(Role role, IServiceProvider services) : Grain, IAgentGrain, IStreamSubscriptionObserver, IAsyncObserver<Envelope>
{
    /// <summary>A stage answers in seconds; what takes longer is work of its own and is asked about again.</summary>
    private static readonly TimeSpan LookWithin = TimeSpan.FromMinutes(2);

    private const int MaxNonces = 20_000;
    private static readonly TimeSpan TellAtMostEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromSeconds(1);

    private readonly EvidenceFile _evidence = services.GetRequiredService<EvidenceFile>();
    private readonly IKeyring _keyring = services.GetRequiredService<IKeyring>();
    private readonly Reception _reception = services.GetRequiredService<Reception>();
    private readonly NonceMemory _nonces = new(services.GetRequiredService<TimeProvider>(), MaxNonces, isCache: true);
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly ILogger _logger = services.GetRequiredService<ILogger<AgentGrain>>();
    private readonly CurrentOrders _orders = new();
    private readonly CancellationToken _departure = services.GetRequiredService<Departure>().Begins;

    private DeploymentId Deployment => DeploymentId.Parse(this.GetPrimaryKeyString());

    public Task<IReadOnlyList<string>> OrdersAsync() =>
        Task.FromResult<IReadOnlyList<string>>(
            [.. _orders.All.Select(current => $"{current.Order.Kind} {current.Order.Binding.Effect}: {current.Waiting}")]);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Envelope>().ResumeAsync(this);

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public async Task OnNextAsync(Envelope item, StreamSequenceToken? token = null)
    {
        try
        {
            var order = Statements.Open<WorkOrder>(_keyring, Role.Control, item, PredicateTypes.WorkOrder).Predicate;
            await _reception.AdmitAsync(Role.Control, this.GetPrimaryKeyString(), item, order, new(role, Deployment), _nonces);
            await TakeUpAsync(order, item.TraceParent);
        }
        catch (RefusedException refusal)
        {
            LogDropped(this.GetPrimaryKeyString(), refusal.Reason.Code);
            await _reception.DropAsync(role, this.GetPrimaryKeyString(), refusal.Reason);
        }
    }

    private async Task TakeUpAsync(WorkOrder order, string? sender)
    {
        var next = await _orders.TakeUpAsync(order, () => new CurrentOrder(order, _time.GetUtcNow(), Traces.Take("agent", order.Binding, sender)));
        if (next is null)
        {
            return;
        }
        next.Timer = this.RegisterGrainTimer(
            (state, cancellation) => LookAsync(state, cancellation), next,
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, Interleave = true, KeepAlive = true });
    }

    private async Task LookAsync(CurrentOrder current, CancellationToken cancellation)
    {
        Traces.Enter(current.Span);
        using var look = current.BeginLook(LookWithin, cancellation, _departure);
        try
        {
            if (current.Unsent is { } unsent)
            {
                await AnswerAsync(current, unsent with { Binding = Bind(current) });
                return;
            }
            var opened = await OpenedOrder.OpenAsync(_evidence, current.Order, look.Token, services.GetRequiredService<Plans>());
            await ConcludeAsync(current, await CarryOutAsync(opened, current, look.Token));
        }
        catch (RefusedException refusal)
        {
            // On the way back nobody may say no: what cannot be undone is tried again, and then a person is called.
            await AnswerAsync(current, current.Order.Kind == OrderKind.Ask
                ? AgentAnswer.Refused(Bind(current), refusal.Reason) : AgentAnswer.Broke(Bind(current), refusal.Reason));
        }
        catch (Exception away) when (Causes.IsOfMaestroItself(away))
        {
            // A silo that died or a database that restarts says nothing of the stage: it looks again until its own time is over.
            LogAway(away, current.Order.Binding.Effect);
            await LookAgainAsync(current, SendAgainAfter, "a part of Maestro that does not answer");
        }
        catch (OutsideException broken)
        {
            await AnswerAsync(current, AgentAnswer.Broke(Bind(current), broken.Reason));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested || _departure.IsCancellationRequested)
        {
            // The activation or its silo ends, and says nothing: whoever takes over is asked again.
        }
        catch (OperationCanceledException) when (look.IsCancellationRequested)
        {
            if (!current.Ended)
            {
                await AnswerAsync(current, AgentAnswer.Broke(Bind(current), Causes.Unexpected(current.Order.Binding.Stage, $"no answer in {LookWithin}")));
            }
        }
#pragma warning disable CA1031 // The agent is the outermost host of a stage: a defect in one must end as Broke, never as silence.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            LogDefect(defect, current.Order.Binding.Effect);
            await AnswerAsync(current, AgentAnswer.Broke(Bind(current), Causes.Unexpected(current.Order.Binding.Stage, "a fault")));
        }
        finally
        {
            current.EndLook();
        }
    }

    private async Task<object> CarryOutAsync(OpenedOrder opened, CurrentOrder current, CancellationToken cancellation)
    {
        var assignment = opened.Assign(current.Since);
        var call = opened.Row.Call;
        switch (opened.Order.Kind)
        {
            case OrderKind.Stop:
                await (call.Stop?.Invoke(services, assignment, cancellation) ?? Task.CompletedTask);
                return AgentAnswer.Stopped(Bind(current));
            case OrderKind.Undo when call.Undo is { } undo:
                return await undo(services, assignment, cancellation);
            case OrderKind.Ask when call.Ask is { } ask:
                return await ask(services, assignment, opened.Proofs, cancellation);
            default:
                throw MessageRefusal.Malformed($"{opened.Order.Kind} of {opened.Row.Stage}");
        }
    }

    private Task ConcludeAsync(CurrentOrder current, object result) => result switch
    {
        AgentAnswer answer => AnswerAsync(current, answer),
        StageAnswer.Proved proved => AnswerAsync(current, AgentAnswer.Proved(Bind(current), proved.Proof)),
        StageAnswer.Refused refused => AnswerAsync(current, AgentAnswer.Refused(Bind(current), refused.Reason)),
        StageAnswer.Broke broke => AnswerAsync(current, AgentAnswer.Broke(Bind(current), broke.Reason)),
        StageAnswer.NotYet notYet => LookAgainAsync(current, notYet.LookAgain, notYet.Waiting),
        UndoAnswer.Undone undone => AnswerAsync(current, AgentAnswer.Undone(Bind(current), undone.Restored)),
        UndoAnswer.Broke broke => AnswerAsync(current, AgentAnswer.Broke(Bind(current), broke.Reason)),
        UndoAnswer.NotYet notYet => LookAgainAsync(current, notYet.LookAgain, notYet.Waiting),
        _ => throw new UnreachableException(),
    };

    private async Task LookAgainAsync(CurrentOrder current, TimeSpan after, string waiting)
    {
        var now = _time.GetUtcNow();
        if (waiting != current.Waiting && now >= current.ToldAt + TellAtMostEvery)
        {
            (current.Waiting, current.ToldAt) = (waiting, now);
            if (!await TryPublishAsync(AgentAnswer.Waiting(Bind(current), waiting)))
            {
                // What could not be told is told at the next look; the stage itself goes on.
                (current.Waiting, current.ToldAt) = ("", default);
            }
        }
        if (_orders.Holds(current))
        {
            current.Timer?.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task AnswerAsync(CurrentOrder current, AgentAnswer answer)
    {
        if (!_orders.Holds(current))
        {
            return;
        }
        var published = await TryPublishAsync(answer);
        if (!_orders.Holds(current))
        {
            return;
        }
        if (!published)
        {
            // The stage has answered: a full queue must neither turn that into another answer nor make it do its work again.
            current.Unsent = answer;
            current.Timer?.Change(SendAgainAfter, Timeout.InfiniteTimeSpan);
            return;
        }
        _orders.Remove(current);
        current.Timer?.Dispose();
        current.Span?.Dispose();
    }

    private async Task<bool> TryPublishAsync(AgentAnswer answer)
    {
        try
        {
            await services.GetRequiredService<Post>().AnswerAsync(role, answer);
            return true;
        }
        catch (Exception unsent) when (unsent is OutsideException or OrleansException or TimeoutException)
        {
            LogUnsent(unsent, answer.Binding.Effect);
            return false;
        }
    }

    private Binding Bind(CurrentOrder current) => Binding.Of(
        Deployment, current.Order.Binding.Attempt, current.Order.Binding.Stage, current.Order.Binding.Try, Role.Control, _time);

    [LoggerMessage(LogLevel.Warning, "{Agent} dropped an order: {Code}")]
    private partial void LogDropped(string agent, string code);

    [LoggerMessage(LogLevel.Warning, "An answer of {Effect} could not be published and is published again")]
    private partial void LogUnsent(Exception failure, string effect);

    [LoggerMessage(LogLevel.Warning, "{Effect} could not go on and looks again")]
    private partial void LogAway(Exception away, string effect);

    [LoggerMessage(LogLevel.Error, "{Effect} ended in a defect")]
    private partial void LogDefect(Exception defect, string effect);
}
