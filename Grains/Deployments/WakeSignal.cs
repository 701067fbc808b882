namespace Maestro.Deployments;

/// <summary>Tells this silo's waker that there is something to do now, so that it need not wait for its next look.</summary>
public sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    public void Set()
    {
        if (_signal.CurrentCount == 0)
        {
            try
            {
                _signal.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else set it in between, which is as good.
            }
        }
    }

    public void Dispose() => _signal.Dispose();

    /// <summary>Returns when it was set, or after this time.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _signal.WaitAsync(atMost, cancellation);
}
