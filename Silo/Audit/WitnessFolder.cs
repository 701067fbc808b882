using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>What each role has seen of the ledger, a file for each. Silos of one role on one machine share it.</summary>
internal sealed class WitnessFolder(string folder) : IWitnessMemory
{
    public SignedNote? Find(Role role) => NoteFile.Read(PathOf(role));

    public async Task<bool> ReplaceAsync(Role role, SignedNote? compared, SignedNote newer)
    {
        using var turn = await TakeAsync(role);
        if (NoteFile.Read(PathOf(role))?.ToString() != compared?.ToString())
        {
            return false;
        }
        NoteFile.Write(PathOf(role), newer);
        return true;
    }

    private string PathOf(Role role) => Path.Combine(folder, $"{Principal.Name(role)}.checkpoint");

    // Between processes, of which each holds it for a moment only; the system frees it with whoever holds it.
    private async Task<IDisposable> TakeAsync(Role role)
    {
        var path = Path.Combine(folder, $"{Principal.Name(role)}.lock");
        try
        {
            DurableFile.CreateFolder(folder);
            return await OneAtATime.EnterAsync(path, CancellationToken.None);
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
