using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Chaos;

/// <summary>
/// Watches what all silos write and strikes at the moment that is wished for: whoever sends an entry of a deployment owns it, so the silo that is
/// hit always has running work.
/// </summary>
internal sealed class Striker(DrillFolder folder, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Wish? _wish;
    private volatile Claim? _claim;
    private TaskCompletionSource<Claim> _claimed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Carries out a fault; set before the first wish.</summary>
    public Func<Claim, Task> Carry { get; set; } = _ => Task.CompletedTask;

    public IWireWatcher WatcherOf(string silo) => new Watcher(this, silo);

    /// <summary>Asks for a fault, and waits until a silo has reached the moment for it and the fault is done.</summary>
    public async Task<Claim?> StrikeAsync(Wish wish, TimeSpan patience, CancellationToken cancellation)
    {
        Task<Claim> claimed;
        lock (_gate)
        {
            _claimed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (_wish, _claim, claimed) = (wish, null, _claimed.Task);
        }
        try
        {
            var claim = await claimed.WaitAsync(patience, time, cancellation);
            await claim.Done.Task.WaitAsync(patience, time, cancellation);
            return claim;
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                (_wish, _claim) = (null, null);
            }
            return null;
        }
    }

    private async Task<Passage> SendingAsync(string silo, ImmutableArray<SentEntry> entries)
    {
        MakeUnwell(entries);
        if (TryClaim(silo, entries) is not { } claim)
        {
            return Passage.Through;
        }
        if (claim.OnAnswer)
        {
            return new(true, false);
        }
        await CarryAsync(claim);
        return claim.Wish.Fault is Fault.Terminate or Fault.Stop or Fault.Slow or Fault.EndBackends ? Passage.Through : new(false, false);
    }

    private async Task AnsweredAsync(string silo, ImmutableArray<SentEntry> entries)
    {
        var now = time.GetTimestamp();
        if (_claim is not { } claim)
        {
            return;
        }
        if (claim.Silo == silo && entries.Contains(claim.Entry))
        {
            if (claim.OnAnswer)
            {
                await CarryAsync(claim);
            }
            return;
        }
        claim.Answered(entries, now);
    }

    private async Task CarryAsync(Claim claim)
    {
        claim.Struck = time.GetTimestamp();
        await Carry(claim);
        claim.Done.TrySetResult();
    }

    private Claim? TryClaim(string silo, ImmutableArray<SentEntry> entries)
    {
        lock (_gate)
        {
            if (_wish is not { } wish)
            {
                return null;
            }
            foreach (var entry in entries)
            {
                if (Cell.Of(entry.Entry).FirstOrDefault(wish.Fits) is { } cell)
                {
                    (_wish, _claim) = (null, new(wish, cell, silo, entry));
                    _claimed.TrySetResult(_claim);
                    return _claim;
                }
            }
            return null;
        }
    }

    // A bad release is made unwell just before its watch begins: not sooner, or it would never be promoted.
    private void MakeUnwell(ImmutableArray<SentEntry> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Entry is LogEntry.Started { Stage: Stage.Watch }))
        {
            File.WriteAllText(folder.Bad(entry.Deployment), "");
        }
    }

    private sealed class Watcher(Striker striker, string silo) : IWireWatcher
    {
        public Task<Passage> SendingAsync(ImmutableArray<SentEntry> entries) => striker.SendingAsync(silo, entries);

        public Task AnsweredAsync(ImmutableArray<SentEntry> entries, bool known) => striker.AnsweredAsync(silo, entries);
    }
}

/// <summary>A silo that has reached the moment of a wish.</summary>
internal sealed record Claim(Wish Wish, Cell Cell, string Silo, SentEntry Entry)
{
    /// <summary>It strikes when the database has answered; else before it is asked.</summary>
    public bool OnAnswer => !Cell.LosesEntry && Wish.Fault is Fault.Kill or Fault.KillAll or Fault.KillDatabase;

    /// <summary>When it struck, as a timestamp; 0 while it has not.</summary>
    public long Struck { get; set; }

    /// <summary>When the database that was killed accepted connections again, as a timestamp; 0 while it does not.</summary>
    public long Accepting { get; set; }

    /// <summary>When the deployment got its next entry.</summary>
    public TaskCompletionSource<long> Resumed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When any deployment got an entry in the database that came back.</summary>
    public TaskCompletionSource<long> Back { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Other entries were answered.</summary>
    public void Answered(ImmutableArray<SentEntry> entries, long now)
    {
        if (Struck > 0 && entries.Any(entry => entry.Deployment == Entry.Deployment))
        {
            Resumed.TrySetResult(now);
        }
        if (Accepting > 0)
        {
            Back.TrySetResult(now);
        }
    }
}
