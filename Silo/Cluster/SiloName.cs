using Maestro.Deployments;
using Maestro.Storage;

namespace Maestro.Cluster;

/// <summary>One silo's name, held while it runs: two of one name would share an address, a log and a file of ports.</summary>
internal sealed class SiloName : IDisposable
{
    private readonly FileStream _held;

    private SiloName(FileStream held) => _held = held;

    /// <exception cref="RefusedException"><c>silo.name-taken</c>: a silo of this name runs.</exception>
    public static SiloName Take(DataFolder data, string name)
    {
        try
        {
            return new(new FileStream(Path.Combine(data.Path, $"lock.silo-{name}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure) when (!StorageFailure.IsFull(failure))
        {
            throw new RefusedException(new Reason(
                "silo.name-taken", "Every silo of a cluster has a name of its own.", "a name that no running silo has", $"'{name}' runs in '{data.Path}'",
                "Choose another --name, or stop the silo that has it."));
        }
    }

    public void Dispose() => _held.Dispose();
}
