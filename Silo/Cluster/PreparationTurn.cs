using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Cluster;

/// <summary>One silo at a time makes what a shared data folder lacks, such as keys: of two that made one each, one would be lost.</summary>
internal sealed class PreparationTurn : IDisposable
{
    private const string Name = "lock.preparation";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FileStream _held;

    private PreparationTurn(FileStream held) => _held = held;

    /// <exception cref="OutsideException">Somebody else takes longer than half a minute.</exception>
    public static async Task<PreparationTurn> TakeAsync(DataFolder data, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new(new FileStream(Path.Combine(data.Path, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException failure) when (time.GetElapsedTime(started) >= Patience)
            {
                throw StorageFailure.Of(failure, data.Path);
            }
            catch (IOException)
            {
                await Task.Delay(Pace, time, cancellation);
            }
        }
    }

    public void Dispose() => _held.Dispose();
}
