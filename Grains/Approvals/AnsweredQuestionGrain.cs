using Maestro.Identity;
using Orleans.Placement;

namespace Maestro.Approvals;

/// <summary>
/// One answered question, kept because its answer may be asked for again; the key is <c>answered/{deployment}/{attempt}/{stage}</c>. It has a
/// place of its own so that what a desk writes does not grow with what it ever answered.
/// </summary>
[Alias("maestro.IAnsweredQuestionGrain")]
internal interface IAnsweredQuestionGrain : IGrainWithStringKey
{
    /// <summary>The question with its answer; null where none is kept.</summary>
    [Admits(Role.Desk), Alias("ReadAsync")]
    Task<DeskFile?> ReadAsync();

    /// <summary>Keeps the question with its answer; keeping it again is success.</summary>
    [Admits(Role.Desk), Alias("KeepAsync")]
    Task KeepAsync(DeskFile file);
}

/// <inheritdoc cref="IAnsweredQuestionGrain"/>
[ActsAs(Role.Desk), PreferLocalPlacement, GrainType("answered-question")]
internal sealed class AnsweredQuestionGrain([PersistentState("answered", "maestro")] IPersistentState<AnsweredQuestion> state) : Grain, IAnsweredQuestionGrain
{
    public Task<DeskFile?> ReadAsync() => Task.FromResult(state.State.File);

    public Task KeepAsync(DeskFile file)
    {
        state.State.File = file;
        return state.WriteStateAsync();
    }
}

/// <summary>What is stored of an answered question.</summary>
[GenerateSerializer, Alias("maestro.answered-question")]
internal sealed class AnsweredQuestion
{
    [Id(0)] public DeskFile? File { get; set; }
}
