using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Messages;

namespace Maestro.Approvals;

/// <summary>
/// The questions that are open at a desk. Each is stored by its own grain before it is listed in the desk's state, and stays there after it left:
/// the list says what to show, and what a question came to is always read from its grain.
/// </summary>
internal sealed class OpenQuestions(IPersistentState<DeskState> state, IGrainFactory grains, TimeProvider time)
{
    private const int Most = 500;
    private static readonly TimeSpan KeptAfterDeadline = TimeSpan.FromDays(1);

    private readonly DurableState<DeskState> _durable = new(state);
    private readonly Dictionary<QuestionKey, ApprovalRequest> _open = [];

    /// <summary>What waits for a person, oldest first.</summary>
    public ImmutableArray<ApprovalRequest> Shown { get; private set; } = [];

    /// <summary>Reads what the desk's state lists.</summary>
    public Task LoadAsync() => Task.WhenAll(state.State.Open.Select(TryFindAsync));

    // A question whose row does not count is told of where it is read, and is not shown: the others go on without it.
    private async Task TryFindAsync(QuestionKey key)
    {
        try
        {
            await FindAsync(key);
        }
        catch (RefusedException refused) when (refused.Reason.Code.StartsWith("row.", StringComparison.Ordinal))
        {
        }
    }

    /// <summary>The question as it is stored; null where it was never put.</summary>
    public async Task<QuestionFile?> FindAsync(QuestionKey key)
    {
        var file = await At(key).ReadAsync();
        Note(key, file);
        return file;
    }

    /// <exception cref="RefusedException">No open question has this nonce.</exception>
    public QuestionKey KeyOf(string nonce) => _open.FirstOrDefault(known => known.Value.Nonce == nonce).Key ?? throw ApprovalCheck.Unknown();

    /// <summary>Puts the question and lists it, also where it was put before and a crash kept it from the list.</summary>
    /// <returns>The question as it is stored; null where it was withdrawn before it came.</returns>
    /// <exception cref="RefusedException">Too many are open.</exception>
    public async Task<QuestionFile?> PutAsync(QuestionKey key, QuestionFile file)
    {
        if (!IsListed(key))
        {
            var now = time.GetUtcNow();
            var late = _open.Where(known => now > known.Value.Deadline + KeptAfterDeadline).Select(known => known.Key).ToList();
            CheckRoom(late.Count);
            if (await At(key).PutAsync(file) is not { } stored)
            {
                return null;
            }
            file = stored;
            await _durable.ChangeAsync(desk =>
            {
                desk.Open.RemoveAll(late.Contains);
                desk.Open.Add(key);
            });
            late.ForEach(old => _open.Remove(old));
        }
        Note(key, file);
        return file;
    }

    /// <summary>Counts a decision that was checked, and shows the question no longer where that answers it.</summary>
    public async Task<QuestionFile> CountAsync(QuestionKey key, Decision decision, Envelope envelope)
    {
        var file = await At(key).CountAsync(decision.Nonce, decision.Person, decision.Approved, envelope);
        Note(key, file);
        return file;
    }

    /// <summary>Keeps the words of those who break the glass for a question.</summary>
    public async Task<QuestionFile> BreakAsync(QuestionKey key, string nonce, ImmutableArray<Envelope> glass, GlassRequest? shown)
    {
        var file = await At(key).BreakAsync(nonce, glass, shown);
        Note(key, file);
        return file;
    }

    /// <summary>Takes an answered question off the list.</summary>
    public async Task CloseAsync(QuestionKey key)
    {
        if (IsListed(key))
        {
            await _durable.ChangeAsync(desk => desk.Open.Remove(key));
        }
    }

    /// <summary>Nobody waits for the answer any more, and the question is not put again.</summary>
    public async Task WithdrawAsync(QuestionKey key)
    {
        await At(key).WithdrawAsync();
        Note(key, null);
        await CloseAsync(key);
    }

    private bool IsListed(QuestionKey key) => state.State.Open.Contains(key);

    private void CheckRoom(int late)
    {
        if (_open.Count - late >= Most)
        {
            throw new RefusedException(new Reason("desk.full", $"At most {Most} questions are open at one desk.", "room at the desk",
                $"{Most} open questions", "Answer some of them first."));
        }
    }

    // What is in memory is only what waits for a person and is listed, so nobody is shown what a crash could take back.
    private void Note(QuestionKey key, QuestionFile? file)
    {
        if (file is { AnsweredAt: null } && IsListed(key))
        {
            _open[key] = file.Request;
        }
        else if (!_open.Remove(key))
        {
            return;
        }
        Shown = [.. _open.Values.OrderBy(request => request.AskedAt)];
    }

    private IQuestionGrain At(QuestionKey key) => grains.GetGrain<IQuestionGrain>(key.ToString());
}
