using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Agents;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Maestro.Approvals;

/// <inheritdoc cref="IApprovalDeskGrain"/>
[ActsAs(Role.Desk), GrainType("approval-desk"), ImplicitStreamSubscription(Channels.DeskOrders)]
internal sealed partial class ApprovalDeskGrain(
    [PersistentState("desk", "maestro")] IPersistentState<DeskState> state, IServiceProvider services)
        : Grain, IApprovalDeskGrain, IStreamSubscriptionObserver, IAsyncObserver<Envelope>
{
    private const int MaxOpen = 500;
    private static readonly TimeSpan KeptAfterDeadline = TimeSpan.FromDays(1);

    private readonly IKeyring _keyring = services.GetRequiredService<IKeyring>();
    private readonly EvidenceFile _evidence = services.GetRequiredService<EvidenceFile>();
    private readonly ApprovalCheck _check = services.GetRequiredService<ApprovalCheck>();
    private readonly Refusals _refusals = services.GetRequiredService<Refusals>();
    private readonly NonceMemory _nonces = new(services.GetRequiredService<TimeProvider>());
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    private readonly ILogger _logger = services.GetRequiredService<ILogger<ApprovalDeskGrain>>();

    private readonly DurableState<DeskState> _durable = new(state);
    private ImmutableArray<ApprovalRequest> _open = [];

    private string Team => this.GetPrimaryKeyString()["desk/".Length..];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _open = OpenIn(state.State);
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<ApprovalRequest>> ListAsync() => Task.FromResult(_open);

    public async Task<string?> DecideAsync(Envelope decision)
    {
        var carrier = Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway);
        try
        {
            return await TakeAsync(_check.Open(decision), decision);
        }
        catch (RefusedException refusal)
        {
            await _refusals.NoteAsync(carrier, this.GetPrimaryKeyString(), "approval.refused", refusal.Reason);
            throw;
        }
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Envelope>().ResumeAsync(this);

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public async Task OnNextAsync(Envelope item, StreamSequenceToken? token = null)
    {
        try
        {
            var order = Statements.Open<WorkOrder>(_keyring, Role.Control, item, PredicateTypes.WorkOrder).Predicate;
            services.GetRequiredService<MessageRule>()(order, new(Role.Desk, order.Binding.Deployment), _time.GetUtcNow(), _nonces);
            using var span = Traces.Take("desk", order.Binding, item.TraceParent);
            await (order.Kind == OrderKind.Ask ? AskedAsync(order) : WithdrawAsync(order));
        }
        catch (RefusedException refusal)
        {
            await _refusals.NoteAsync(Role.Desk, this.GetPrimaryKeyString(), refusal.Reason);
        }
    }

    private async Task AskedAsync(WorkOrder order)
    {
        if (await FindAsync(order.Binding) is not { } file)
        {
            var opened = await OpenedOrder.OpenAsync(_evidence, order, CancellationToken.None);
            if (opened.Change.Application.Team != Team)
            {
                throw MessageRefusal.Binding(MessageRefusal.AudienceCode, $"desk/{opened.Change.Application.Team}", this.GetPrimaryKeyString());
            }
            var put = opened.Row.Call.Put!(services, opened.Assign(_time.GetUtcNow()), opened.Proofs);
            if (put.Proof is { } proof)
            {
                await AnswerAsync(AgentAnswer.Proved(Bind(order.Binding), proof));
                return;
            }
            file = new DeskFile { Request = Request(opened, put.Facts!), Order = JsonSerializer.Serialize(order, StatementJson.Strict), Team = Team };
            await AddAsync(file);
        }
        await ConcludeAsync(file, order.Binding);
    }

    private async Task WithdrawAsync(WorkOrder order)
    {
        if (await FindAsync(order.Binding) is { } file)
        {
            await ChangeAsync(desk => desk.Files.Remove(file));
        }
        await AnswerAsync(AgentAnswer.Stopped(Bind(order.Binding)));
    }

    private async Task<string?> TakeAsync(Decision decision, Envelope envelope)
    {
        var file = (await ReadAsync()).Files.Find(known => known.AnsweredAt is null && known.Request.Nonce == decision.Nonce)
            ?? throw new RefusedException(new Reason("approval.unknown", "A decision answers a question that is open at this desk.",
                "the nonce of an open question", "none such", "See what is open with: maestro list."));
        if (_check.FindFault(file.Request, decision, Team, _time.GetUtcNow()) is { } fault)
        {
            throw new RefusedException(fault);
        }
        await services.GetRequiredService<IGrainFactory>().GetGrain<ILedgerGrain>("ledger/main").AppendAsync(Fact(decision, envelope));
        var missing = await ChangeAsync(_ => Count(file, decision, envelope, _time.GetUtcNow()));
        try
        {
            await ConcludeAsync(file, ReadOrder(file).Binding);
        }
        catch (Exception failure) when (failure is OutsideException or TimeoutException or OrleansException)
        {
            // The decision counts already, and the deployment asks again until it hears of it.
            LogNotAnswered(failure, decision.Deployment);
        }
        return missing > 0 ? $"{missing} more must approve" : null;
    }

    // How many approvals are missing now.
    private static int Count(DeskFile file, Decision decision, Envelope envelope, DateTimeOffset now)
    {
        if (decision.Approved)
        {
            file.Approvals.Add(envelope);
            file.Request = file.Request with { Given = file.Request.Given.Add(decision.Person) };
        }
        else
        {
            file.RejectedBy = decision.Person;
        }
        var missing = decision.Approved ? file.Request.Needed - file.Approvals.Count : 0;
        file.AnsweredAt = missing > 0 ? null : now;
        return missing;
    }

    private async Task ConcludeAsync(DeskFile file, Binding asked)
    {
        if (file.RejectedBy is { } person)
        {
            await AnswerAsync(AgentAnswer.Refused(Bind(asked), new(
                "approval.rejected", "People may say no.", "approval", $"rejected by {person}", "Talk to them, mend the change and push again.")));
            return;
        }
        if (file.AnsweredAt is null)
        {
            var missing = file.Request.Needed - file.Approvals.Count;
            await AnswerAsync(AgentAnswer.Waiting(Bind(asked), $"{missing} of {file.Request.Needed} to answer: {file.Request.Question}"));
            return;
        }
        var opened = await OpenedOrder.OpenAsync(_evidence, ReadOrder(file), CancellationToken.None);
        var put = opened.Row.Call.Put!(services, opened.Assign(_time.GetUtcNow()), opened.Proofs);
        var proof = put.Proof ?? put.Conclude!(new(file.Request.Given, [.. file.Approvals.Select(approval => JsonSerializer.Serialize(approval))]));
        await AnswerAsync(AgentAnswer.Proved(Bind(asked), proof));
    }

    private ApprovalRequest Request(OpenedOrder opened, QuestionFacts facts)
    {
        var (binding, change, now) = (opened.Order.Binding, opened.Change, _time.GetUtcNow());
        return new(
            binding.Deployment.ToString(), binding.Attempt, binding.Stage, binding.Try, change.Head, change.Base, facts.Plan, facts.Image, facts.Environment,
            Nonce.Fresh(), now, now + opened.Row.Within, Math.Max(1, facts.Needed), [], change.Authors, facts.Question, facts.Changes, facts.Findings);
    }

    private async Task AddAsync(DeskFile file)
    {
        var now = _time.GetUtcNow();
        var answered = (await ReadAsync()).Files.Where(old => old.AnsweredAt is not null).ToHashSet();
        // Kept elsewhere before they leave: a crash in between keeps them twice.
        await Task.WhenAll(answered.Select(old => Answered(old.Request.Deployment, old.Request.Attempt, old.Request.Stage).KeepAsync(old)));
        await ChangeAsync(desk =>
        {
            desk.Files.RemoveAll(old => answered.Contains(old) || now > old.Request.Deadline + KeptAfterDeadline);
            if (desk.Files.Count(open => open.AnsweredAt is null) >= MaxOpen)
            {
                throw new RefusedException(new Reason("desk.full", $"At most {MaxOpen} questions are open at one desk.", "room at the desk",
                    $"{MaxOpen} open questions", "Answer some of them first."));
            }
            desk.Files.Add(file);
            return file;
        });
    }

    private async Task<DeskFile?> FindAsync(Binding binding) => (await ReadAsync()).Files.Find(file =>
        (file.Request.Deployment, file.Request.Attempt, file.Request.Stage) == (binding.Deployment.ToString(), binding.Attempt, binding.Stage))
        ?? await Answered(binding.Deployment.ToString(), binding.Attempt, binding.Stage).ReadAsync();

    private IAnsweredQuestionGrain Answered(string deployment, int attempt, Stage stage) =>
        GrainFactory.GetGrain<IAnsweredQuestionGrain>(FormattableString.Invariant($"answered/{deployment}/{attempt}/{stage}"));

    private async Task<DeskState> ReadAsync()
    {
        var desk = await _durable.ReadAsync();
        _open = OpenIn(desk);
        return desk;
    }

    private async Task<T> ChangeAsync<T>(Func<DeskState, T> change)
    {
        var (result, open) = await _durable.ChangeAsync(desk => (change(desk), OpenIn(desk)));
        _open = open;
        return result;
    }

    private static ImmutableArray<ApprovalRequest> OpenIn(DeskState desk) =>
        [.. desk.Files.Where(file => file.AnsweredAt is null).Select(file => file.Request).OrderBy(request => request.AskedAt)];

    private static WorkOrder ReadOrder(DeskFile file) => JsonSerializer.Deserialize<WorkOrder>(file.Order, StatementJson.Strict)!;

    private LedgerFact Fact(Decision decision, Envelope envelope) => new(
        $"decision/{decision.Nonce}/{decision.Person}", _time.GetUtcNow(), decision.Approved ? "approval.given"
            : "approval.rejected", decision.Person, decision.Deployment,
        JsonSerializer.Serialize(new
        {
            stage = decision.Stage.ToString(),
            head = decision.Head,
            plan = decision.Plan?.Hex,
            image = decision.Image?.Hex,
            decision = Digest.Of(JsonSerializer.SerializeToUtf8Bytes(envelope)).Hex
        }));

    private Task AnswerAsync(AgentAnswer answer) => services.GetRequiredService<Post>().AnswerAsync(Role.Desk, answer);

    private Binding Bind(Binding asked) => Binding.Of(asked.Deployment, asked.Attempt, asked.Stage, asked.Try, Role.Control, _time);

    [LoggerMessage(LogLevel.Warning, "{Deployment}: a decision was taken and could not be passed on; the deployment asks again")]
    private partial void LogNotAnswered(Exception failure, string deployment);
}
