using System.Diagnostics;
using Maestro.Messages;

namespace Maestro.Agents;

/// <summary>An order that an agent is busy with. It lives in memory only.</summary>
internal sealed class CurrentOrder(WorkOrder order, DateTimeOffset since, Activity? span)
{
    private CancellationTokenSource? _look;
    private TaskCompletionSource? _looking;

    public WorkOrder Order { get; } = order;

    public DateTimeOffset Since { get; } = since;

    /// <summary>From taking the order up to its answer; null where nobody listens.</summary>
    public Activity? Span => span;

    public IGrainTimer? Timer { get; set; }

    public string Waiting { get; set; } = "";

    public DateTimeOffset ToldAt { get; set; }

    /// <summary>An answer that could not be published yet; null where there is none.</summary>
    public AgentAnswer? Unsent { get; set; }

    public bool Ended { get; private set; }

    /// <summary>Begins one look at the stage; its token is cancelled by the end of the order, of the activation, of the silo, or of the time.</summary>
    public CancellationTokenSource BeginLook(TimeSpan within, CancellationToken activation, CancellationToken silo)
    {
        _looking = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _look = CancellationTokenSource.CreateLinkedTokenSource(activation, silo);
        _look.CancelAfter(within);
        return _look;
    }

    public void EndLook()
    {
        _look = null;
        _looking?.TrySetResult();
    }

    /// <summary>Ends the order: another one takes its place once the look under way has come back.</summary>
    public async Task EndAsync()
    {
        Ended = true;
        Timer?.Dispose();
        span?.Dispose();
        if (_look is { } look && _looking is { } looking)
        {
            await look.CancelAsync();
            await looking.Task;
        }
    }
}
