namespace Maestro.Policies;

/// <summary>What one run of one policy may use.</summary>
/// <param name="Time">How long it may run by the engine's own clock.</param>
/// <param name="Patience">After which its answer is no longer waited for, whatever it does.</param>
/// <param name="Memory">Bytes it may allocate.</param>
/// <param name="Bare">Nothing is within reach that knows the time, chance, or other ways to run code.</param>
internal sealed record PolicyLimits(
    TimeSpan Time, TimeSpan Patience, long Memory = 16 * 1024 * 1024, int Statements = 200_000, int Recursion = 64, int Items = 10_000,
        bool Bare = true)
{
    public static PolicyLimits Default { get; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1));
}
