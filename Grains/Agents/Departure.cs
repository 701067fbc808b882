namespace Maestro.Agents;

/// <summary>
/// That this silo is about to stop. The runtime waits for a look at a stage that is under way, up to minutes for a model that does not answer;
/// a look that lets go at once loses nothing, because whoever takes over is asked again.
/// </summary>
/// <param name="begins">Cancelled when the stop begins.</param>
public sealed class Departure(CancellationToken begins)
{
    /// <summary>Cancelled when the stop begins.</summary>
    public CancellationToken Begins => begins;
}
