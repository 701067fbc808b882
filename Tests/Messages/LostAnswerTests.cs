using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Delivery;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>A person's answer that the database does not take when it comes.</summary>
public sealed class LostAnswerTests : IAsyncLifetime
{
    private readonly LostWord _word = new();
    private readonly MessageSilo _silo;

    public LostAnswerTests() => _silo = new()
    {
        More = services =>
        {
            services.AddSingleton<IDeploymentLog>(provider => new FailingLog(new(provider.GetRequiredService<SqliteSource>())));
            services.AddSingleton<IIncomingGrainCallFilter>(_word);
        },
    };

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task An_answer_that_could_not_be_recorded_is_asked_for_again_although_the_desk_has_gone_quiet()
    {
        await using var reviewer = await ReviewerAsync();
        var id = await _silo.OpenAsync();
        var question = await QuestionAsync(reviewer, id);
        // The desk has said that it waits, and the look after that put off the next one for minutes.
        await Eventually.IsTrueAsync(async () =>
            (await Log.ReadHeadAsync(id, TestContext.Current.CancellationToken))?.Due > TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(2));

        Log.Failing = id;
        await AnswerAsync(reviewer, question);
        await Eventually.IsTrueAsync(() => Task.FromResult(Log.Failures > 0));
        Log.Failing = null;

        await Eventually.IsTrueAsync(() => IsAllowedAsync(id));
    }

    [Fact]
    public async Task An_answer_is_given_again_when_the_desk_itself_has_moved_on_to_other_questions()
    {
        await using var reviewer = await ReviewerAsync();
        var first = await _silo.OpenAsync();
        var question = await QuestionAsync(reviewer, first);
        Log.Failing = first;
        await AnswerAsync(reviewer, question);
        await Eventually.IsTrueAsync(() => Task.FromResult(Log.Failures > 0));

        var second = await _silo.OpenAsync();
        await QuestionAsync(reviewer, second);
        Assert.Equal([second.ToString()], (await StoredAsync()).Select(key => key.Deployment));
        Log.Failing = null;

        await Eventually.IsTrueAsync(() => IsAllowedAsync(first));
        Assert.Equal([second.ToString()], (await Desk(reviewer).ListAsync()).Select(request => request.Deployment));
    }

    [Fact]
    public async Task An_answer_that_was_stored_without_a_word_counts_when_it_is_given_again()
    {
        await using var reviewer = await ReviewerAsync();
        var id = await _silo.OpenAsync();
        var question = await QuestionAsync(reviewer, id);
        _word.Loses = true;
        await Assert.ThrowsAnyAsync<Exception>(() => AnswerAsync(reviewer, question));
        _word.Loses = false;

        await AnswerAsync(reviewer, question);
        await Eventually.IsTrueAsync(() => IsAllowedAsync(id));
        Assert.Empty(await Desk(reviewer).ListAsync());
        var other = await Assert.ThrowsAsync<RefusedException>(() => AnswerAsync(reviewer, question, approved: false));
        Assert.Equal("approval.unknown", other.Reason.Code);
    }

    private FailingLog Log => (FailingLog)_silo.Services.GetRequiredService<IDeploymentLog>();

    private string DeskKey => $"desk/{_silo.Repository.Application.Team}";

    private async Task<ISilo> ReviewerAsync()
    {
        await _silo.EnrolAsync("reviewer", [Role.Viewer, Role.Reviewer]);
        return await _silo.ConnectAsync("reviewer");
    }

    private IApprovalDeskGrain Desk(ISilo reviewer) => reviewer.Grain<IApprovalDeskGrain>(DeskKey);

    private async Task<ApprovalRequest> QuestionAsync(ISilo reviewer, DeploymentId id)
    {
        ApprovalRequest? question = null;
        await Eventually.IsTrueAsync(async () =>
            (question = (await Desk(reviewer).ListAsync()).FirstOrDefault(request => request.Deployment == id.ToString())) is not null);
        return question!;
    }

    private async Task AnswerAsync(ISilo reviewer, ApprovalRequest question, bool approved = true)
    {
        using var key = _silo.KeyOf("reviewer");
        await reviewer.Grain<IGatewayGrain>("gateway/local").DecideAsync(
            DeskKey["desk/".Length..], PersonSigner.Sign(key, TestDelivery.Answer(question, approved)));
    }

    private async Task<bool> IsAllowedAsync(DeploymentId id) =>
        (await _silo.LogAsync(id)).Any(entry => entry is LogEntry.Proved { Stage: Stage.AllowRun });

    // What the desk writes at each of its changes.
    private async Task<List<QuestionKey>> StoredAsync() => (await _silo.StoredAsync<DeskState>("desk", "approval-desk", DeskKey)).Open;

    /// <summary>Lets a decision be counted and then loses the word of it, as a connection that breaks does.</summary>
    private sealed class LostWord : IIncomingGrainCallFilter
    {
        public volatile bool Loses;

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            await context.Invoke();
            if (Loses && context.Grain is QuestionGrain && context.MethodName == nameof(IQuestionGrain.CountAsync))
            {
                throw new TimeoutException("The word of it was lost.");
            }
        }
    }

    /// <summary>Fails at the answer of a deployment's people, as long as it is told to.</summary>
    private sealed class FailingLog(SqliteDeploymentLog inner) : WrappedLog(inner), IAsyncDisposable
    {
        private volatile int _failures;

        public DeploymentId? Failing { get; set; }

        public int Failures => _failures;

        public override Task<bool> AppendAsync(Append append, CancellationToken cancellation)
        {
            if (append.Entry is not LogEntry.Proved { Stage: Stage.AllowRun } || append.Deployment != Failing)
            {
                return base.AppendAsync(append, cancellation);
            }
            Interlocked.Increment(ref _failures);
            throw new OutsideException(new Reason("database.away", "What happened is written down first.", "a database", "none", "It is tried again."));
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
