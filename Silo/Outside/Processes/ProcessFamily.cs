using System.Collections.Immutable;

namespace Maestro.Outside.Processes;

/// <summary>
/// All processes of one start: the leader's session, whoever descends from it, and whoever inherited the marker. A process can leave
/// a session and a parent, and the leader can be dead; it cannot leave all three by accident, and from a sandbox it cannot leave at all.
/// </summary>
internal sealed class ProcessFamily(ProcessIdentity leader, string marker, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <param name="marked">Also read every process's environment; slower.</param>
    public ImmutableArray<ProcessRow> Members(bool marked)
    {
        var table = ProcessTable.Read();
        var alive = leader.IsAlive;
        var members = table
            .Where(row => (alive && (row.Pid == leader.Pid || row.Session == leader.Pid))
                || (marked && ProcessTable.HasVariable(row.Pid, WorkFile.MarkerVariable, marker)))
            .ToDictionary(row => row.Pid);
        var children = table.ToLookup(row => row.Parent);
        var open = new Stack<int>(members.Keys);
        while (open.TryPop(out var parent))
        {
            foreach (var child in children[parent].Where(child => members.TryAdd(child.Pid, child)))
            {
                open.Push(child.Pid);
            }
        }
        members.Remove(Environment.ProcessId);
        return [.. members.Values];
    }

    /// <summary>Asks all to end, and after the grace period makes them. Returns when none is left.</summary>
    /// <param name="spare">Whoever is not asked, because it ends with the others.</param>
    /// <exception cref="TimeoutException">A process did not end within ten seconds of being killed.</exception>
    public async Task EndAsync(TimeSpan grace, Func<ProcessRow, bool> spare, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        Send(Members(marked: true).Where(row => !spare(row)), NativeMethods.Terminate);
        while (Members(marked: true) is { Length: > 0 } left)
        {
            var waited = time.GetElapsedTime(start);
            if (waited > grace + TimeSpan.FromSeconds(10))
            {
                throw new TimeoutException($"Process {left[0].Pid} did not end although it was killed.");
            }
            if (waited >= grace)
            {
                Send(left, NativeMethods.Kill);
            }
            await Task.Delay(Look, time, cancellation);
        }
    }

    private static void Send(IEnumerable<ProcessRow> rows, int signal)
    {
        foreach (var row in rows.Where(row => ProcessTable.Read(row.Pid)?.Started == row.Started))
        {
            NativeMethods.Signal(row.Pid, signal);
        }
    }
}
