using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Rows;
using Orleans.Placement;

namespace Maestro.Approvals;

/// <summary>
/// One question to people with its answers; the key is that of <see cref="QuestionKey"/>. It stays after it is answered, because its answer may
/// be asked for again.
/// </summary>
[Alias("maestro.IQuestionGrain")]
internal interface IQuestionGrain : IGrainWithStringKey
{
    /// <summary>The question as it is stored; null where it was never put.</summary>
    [Admits(Role.Desk), Alias("ReadAsync")]
    Task<QuestionFile?> ReadAsync();

    /// <summary>Puts the question, unless it was put before.</summary>
    /// <returns>The question as it is stored; null where it was withdrawn.</returns>
    [Admits(Role.Desk), Alias("PutAsync")]
    Task<QuestionFile?> PutAsync(QuestionFile file);

    /// <summary>Counts one person's decision, which was checked before. What was counted already is not counted again.</summary>
    /// <param name="nonce">That of the question which the person saw.</param>
    /// <returns>The question with it, stored.</returns>
    /// <exception cref="Maestro.Deployments.RefusedException">The question is not open, is another one, or was answered otherwise meanwhile.</exception>
    [Admits(Role.Desk), Alias("CountAsync")]
    Task<QuestionFile> CountAsync(string nonce, string person, bool approved, Envelope envelope);

    /// <summary>Keeps the words of those who break the glass, which were checked before; the second answers the question.</summary>
    /// <param name="nonce">That of the question which the person saw.</param>
    /// <param name="shown">Who asks for it; null where nobody does any more.</param>
    /// <exception cref="Maestro.Deployments.RefusedException">The question is not open, or is another one.</exception>
    [Admits(Role.Desk), Alias("BreakAsync")]
    Task<QuestionFile> BreakAsync(string nonce, ImmutableArray<Envelope> glass, GlassRequest? shown);

    /// <summary>Nobody waits for the answer any more. An order to put it that comes late finds that.</summary>
    [Admits(Role.Desk), Alias("WithdrawAsync")]
    Task WithdrawAsync();
}

/// <inheritdoc cref="IQuestionGrain"/>
[ActsAs(Role.Desk), PreferLocalPlacement, GrainType("question")]
internal sealed class QuestionGrain([PersistentState("question", "maestro")] IPersistentState<QuestionState> state, TimeProvider time)
    : Grain, IQuestionGrain
{
    private readonly DurableState<QuestionState> _durable = new(state);

    public async Task<QuestionFile?> ReadAsync() => (await _durable.ReadAsync()).File;

    public async Task<QuestionFile?> PutAsync(QuestionFile file)
    {
        var known = await _durable.ReadAsync();
        return known.Withdrawn ? null : known.File ?? await StoreAsync(file);
    }

    public async Task<QuestionFile> CountAsync(string nonce, string person, bool approved, Envelope envelope)
    {
        var file = await ReadAsync();
        if (file?.Request.Nonce != nonce)
        {
            throw ApprovalCheck.Unknown();
        }
        if (file.Has(person, approved))
        {
            return file;
        }
        return file.AnsweredAt is null ? await StoreAsync(file.With(person, approved, envelope, time.GetUtcNow())) : throw ApprovalCheck.Unknown();
    }

    public async Task<QuestionFile> BreakAsync(string nonce, ImmutableArray<Envelope> glass, GlassRequest? shown)
    {
        var file = await ReadAsync();
        return file?.Request.Nonce == nonce && file.AnsweredAt is null
            ? await StoreAsync(file.Broken(glass, shown, time.GetUtcNow()))
            : throw ApprovalCheck.Unknown();
    }

    public Task WithdrawAsync() => _durable.ChangeAsync(stored => (stored.File, stored.Withdrawn) = (null, true));

    private Task<QuestionFile> StoreAsync(QuestionFile file) => _durable.ChangeAsync(stored =>
    {
        stored.File = file;
        return file;
    });
}

/// <summary>What is stored of a question.</summary>
[GenerateSerializer, Alias("maestro.question-state")]
internal sealed class QuestionState : IMarkedRow
{
    /// <summary>What came in for which question: one that nobody answered may be lost, and is put again.</summary>
    public string Mark => !Withdrawn && (File is null or { RejectedBy: null, AnsweredAt: null, Request.Given.IsEmpty: true })
        ? "" : JsonSerializer.Serialize(new { File?.Request.Nonce, File?.Request.Given, File?.RejectedBy, File?.AnsweredAt, Withdrawn });

    [Id(0)] public QuestionFile? File { get; set; }

    /// <summary>It is over, whether it was ever put or not.</summary>
    [Id(1)] public bool Withdrawn { get; set; }
}
