using Maestro.Deployments;

namespace Maestro.Inbox;

/// <summary>Tells this silo's <see cref="InboxDrain"/> that a delivery came, so that it need not wait for its next look.</summary>
internal sealed class InboxBell : IDisposable
{
    private readonly WakeSignal _signal = new();

    public void Ring() => _signal.Set();

    /// <summary>Returns when it was rung, or after this time.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _signal.WaitAsync(atMost, cancellation);

    public void Dispose() => _signal.Dispose();
}
