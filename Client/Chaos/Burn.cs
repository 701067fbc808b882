namespace Maestro.Chaos;

/// <summary>Keeps every processor of the machine busy, to see whether slow silos are taken for dead ones.</summary>
internal static class Burn
{
    /// <summary>Burns for this long, and until the work is done; zero only waits for the work.</summary>
    public static async Task WhileAsync(TimeSpan span, Task work, TimeProvider time)
    {
        if (span == TimeSpan.Zero)
        {
            await work;
            return;
        }
        var over = 0;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            for (var number = 0UL; Volatile.Read(ref over) == 0; number++)
            {
            }
        })
        { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        try
        {
            await Task.WhenAll(work, Task.Delay(span, time));
        }
        finally
        {
            Volatile.Write(ref over, 1);
        }
    }
}
