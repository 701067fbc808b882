using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Maestro.Agents;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
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
    private static readonly TimeSpan LookAtGlass = TimeSpan.FromSeconds(5);

    private readonly IKeyring _keyring = services.GetRequiredService<IKeyring>();
    private readonly EvidenceFile _evidence = services.GetRequiredService<EvidenceFile>();
    private readonly ApprovalCheck _check = services.GetRequiredService<ApprovalCheck>();
    private readonly Reception _reception = services.GetRequiredService<Reception>();
    private readonly Refusals _refusals = services.GetRequiredService<Refusals>();
    private readonly NonceMemory _nonces = new(services.GetRequiredService<TimeProvider>(), isCache: true);
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();

    private readonly ILogger _logger = services.GetRequiredService<ILogger<ApprovalDeskGrain>>();

    private OpenQuestions _questions = null!;
    private GlassDesk _glass = null!;

    private string Team => this.GetPrimaryKeyString()["desk/".Length..];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _questions = new(state, GrainFactory, _time);
        _glass = new(_questions, services.GetRequiredService<GlassCheck>(), GrainFactory, _time, _logger);
        this.RegisterGrainTimer(_glass.ExpireAsync, new GrainTimerCreationOptions(LookAtGlass, LookAtGlass));
        return _questions.LoadAsync();
    }

    public Task<ImmutableArray<ApprovalRequest>> ListAsync() => Task.FromResult(_questions.Shown);

    public Task<string?> DecideAsync(Envelope decision) => NotingAsync("approval.refused", () => TakeAsync(_check.Open(decision), decision));

    public Task<string?> BreakGlassAsync(Envelope word) => NotingAsync("break-glass.refused", async () =>
    {
        var (key, file) = await _glass.TakeAsync(word);
        await TryConcludeAsync(key, file);
        return file.AnsweredAt is null ? $"a second person must sign the same: maestro break-glass --second {file.Request.Deployment}" : null;
    });

    private async Task<string?> NotingAsync(string kind, Func<Task<string?>> take)
    {
        var carrier = Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway);
        try
        {
            return await take();
        }
        catch (RefusedException refusal)
        {
            await _refusals.NoteAsync(carrier, this.GetPrimaryKeyString(), kind, refusal.Reason);
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
            // One nonce for all desks: an order that was captured at one of them is no first at another.
            var deployment = order.Binding.Deployment;
            await _reception.AdmitAsync(Role.Control, deployment.ToString(), item, order, new(Role.Desk, deployment), _nonces);
            using var span = Traces.Take("desk", order.Binding, item.TraceParent);
            await (order.Kind == OrderKind.Ask ? AskedAsync(order) : WithdrawAsync(order));
        }
        catch (RefusedException refusal)
        {
            await _reception.DropAsync(Role.Desk, this.GetPrimaryKeyString(), refusal.Reason);
        }
    }

    private async Task AskedAsync(WorkOrder order)
    {
        var key = QuestionKey.Of(order.Binding);
        if (await _questions.FindAsync(key) is not { } file)
        {
            var opened = await OpenedOrder.OpenAsync(_evidence, order, CancellationToken.None);
            CheckTeam(opened.Change.Application.Team);
            var question = opened.Row.Call.Put!(services, opened.Assign(_time.GetUtcNow()), opened.Proofs);
            if (question.Proof is { } proof)
            {
                await AnswerAsync(AgentAnswer.Proved(Bind(order.Binding), proof));
                return;
            }
            file = new(Request(opened, question.Facts!), JsonSerializer.Serialize(order, StatementJson.Strict), Team, []);
        }
        CheckTeam(file.Team);
        var put = file.AnsweredAt is null ? await _questions.PutAsync(key, file) : file;
        await (put is null ? AnswerAsync(AgentAnswer.Stopped(Bind(order.Binding))) : ConcludeAsync(key, put, order.Binding));
    }

    // A question is its own team's: another desk that is asked about it, by mistake or by deceit, neither shows nor answers it.
    private void CheckTeam(string team)
    {
        if (team != Team)
        {
            throw MessageRefusal.Binding(MessageRefusal.AudienceCode, $"desk/{team}", this.GetPrimaryKeyString());
        }
    }

    private async Task WithdrawAsync(WorkOrder order)
    {
        var key = QuestionKey.Of(order.Binding);
        if (await _questions.FindAsync(key) is { } file)
        {
            CheckTeam(file.Team);
            await _glass.EndAsync(file);
        }
        await _questions.WithdrawAsync(key);
        await AnswerAsync(AgentAnswer.Stopped(Bind(order.Binding)));
    }

    private async Task<string?> TakeAsync(Decision decision, Envelope envelope)
    {
        var key = _questions.KeyOf(decision.Nonce);
        var file = await _questions.FindAsync(key) ?? throw ApprovalCheck.Unknown();
        if (file.AnsweredAt is null)
        {
            file = await CountAsync(key, file, decision, envelope);
            await (file.AnsweredAt is null ? Task.CompletedTask : _glass.EndAsync(file));
        }
        else if (!file.Has(decision.Person, decision.Approved))
        {
            throw ApprovalCheck.Unknown();
        }
        // Also where it was counted before, and the word of it was lost on the way to this desk.
        await TryConcludeAsync(key, file);
        return file.Missing > 0 && file.RejectedBy is null ? $"{file.Missing} more must approve" : null;
    }

    private async Task TryConcludeAsync(QuestionKey key, QuestionFile file)
    {
        try
        {
            await ConcludeAsync(key, file, ReadOrder(file).Binding);
        }
        catch (Exception failure) when (failure is OutsideException or TimeoutException or OrleansException)
        {
            // What was taken counts already, and the deployment asks again until it hears of it.
            LogNotAnswered(failure, file.Request.Deployment);
        }
    }

    private async Task<QuestionFile> CountAsync(QuestionKey key, QuestionFile file, Decision decision, Envelope envelope)
    {
        if (_check.FindFault(file.Request, decision, Team, _time.GetUtcNow()) is { } fault)
        {
            throw new RefusedException(fault);
        }
        await GrainFactory.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(Fact(decision, envelope));
        return await _questions.CountAsync(key, decision, envelope);
    }

    private async Task ConcludeAsync(QuestionKey key, QuestionFile file, Binding asked)
    {
        await AnswerAsync(await AnswerOfAsync(file, asked));
        if (file.AnsweredAt is not null)
        {
            await _questions.CloseAsync(key);
        }
    }

    private async Task<AgentAnswer> AnswerOfAsync(QuestionFile file, Binding asked)
    {
        if (file.RejectedBy is { } person)
        {
            return AgentAnswer.Refused(Bind(asked), new(
                "approval.rejected", "People may say no.", "approval", $"rejected by {person}", "Talk to them, mend the change and push again."));
        }
        if (file.AnsweredAt is null)
        {
            var glass = file.Request.Glass is { } open
                ? string.Create(CultureInfo.InvariantCulture, $" {open.Person} asks to BREAK THE GLASS until {open.Until:HH:mm} UTC, and a second must sign.")
                : "";
            return AgentAnswer.Waiting(Bind(asked), $"{file.Missing} of {file.Request.Needed} to answer: {file.Request.Question}{glass}");
        }
        var opened = await OpenedOrder.OpenAsync(_evidence, ReadOrder(file), CancellationToken.None);
        var put = opened.Row.Call.Put!(services, opened.Assign(_time.GetUtcNow()), opened.Proofs);
        return AgentAnswer.Proved(Bind(asked),
            put.Proof ?? put.Conclude!(new(
                file.IsBroken ? _glass.PeopleOf(file) : file.Request.Given, Written(file.Approvals), file.IsBroken ? Written(file.Glass) : [])));
    }

    private static ImmutableArray<string> Written(ImmutableArray<Envelope> envelopes) =>
        envelopes.IsDefault ? [] : [.. envelopes.Select(envelope => JsonSerializer.Serialize(envelope))];

    private ApprovalRequest Request(OpenedOrder opened, QuestionFacts facts)
    {
        var (binding, change, now) = (opened.Order.Binding, opened.Change, _time.GetUtcNow());
        return new(
            binding.Deployment.ToString(), binding.Attempt, binding.Stage, binding.Try, change.Head, change.Base, facts.Plan, facts.Image, facts.Environment,
            Nonce.Fresh(), now, now + opened.Row.Within, Math.Max(1, facts.Needed), [], change.Authors, facts.Question, facts.Changes, facts.Findings);
    }

    private static WorkOrder ReadOrder(QuestionFile file) => JsonSerializer.Deserialize<WorkOrder>(file.Order, StatementJson.Strict)!;

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

    [LoggerMessage(LogLevel.Warning, "{Deployment}: a decision was taken, and what follows from it failed; the deployment asks again")]
    private partial void LogNotAnswered(Exception failure, string deployment);
}
