namespace Maestro.Environments;

/// <summary>
/// A grain's state that is never relied on before it is stored: where a change or its write fails, it is read again before the next use.
/// </summary>
internal sealed class DurableState<TState>(IPersistentState<TState> state)
{
    private bool _ahead;

    /// <summary>The state as it is stored.</summary>
    public async Task<TState> ReadAsync()
    {
        if (_ahead)
        {
            await state.ReadStateAsync();
            _ahead = false;
        }
        return state.State;
    }

    public async Task<TResult> ChangeAsync<TResult>(Func<TState, TResult> change)
    {
        var known = await ReadAsync();
        _ahead = true;
        var result = change(known);
        await state.WriteStateAsync();
        _ahead = false;
        return result;
    }

    public Task ChangeAsync(Action<TState> change) => ChangeAsync(known =>
    {
        change(known);
        return true;
    });
}
