using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>What each role has seen of the ledger, a file for each. Silos of one role on one machine share it.</summary>
internal sealed class WitnessFolder(string folder) : IWitnessMemory
{
    private readonly Lock _turn = new();

    public SignedNote? Find(Role role) => NoteFile.Read(PathOf(role));

    public bool Replace(Role role, SignedNote? compared, SignedNote newer)
    {
        lock (_turn)
        {
            using var turn = Take(role);
            if (NoteFile.Read(PathOf(role))?.ToString() != compared?.ToString())
            {
                return false;
            }
            NoteFile.Write(PathOf(role), newer);
            return true;
        }
    }

    private string PathOf(Role role) => Path.Combine(folder, $"{Principal.Name(role)}.checkpoint");

    // Between processes; the system frees it with whoever holds it.
    private FileStream Take(Role role)
    {
        var path = Path.Combine(folder, $"{Principal.Name(role)}.lock");
        try
        {
            DurableFile.CreateFolder(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy)
        {
            throw StorageFailure.Of(busy, path);
        }
        catch (UnauthorizedAccessException forbidden)
        {
            throw StorageFailure.Of(forbidden, path);
        }
    }
}
