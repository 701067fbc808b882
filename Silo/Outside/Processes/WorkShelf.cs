using System.Globalization;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>
/// The folders of a runner: <c>work/{digest of the effect's name}/{token}</c>. A start is a folder that is made complete elsewhere and then
/// renamed to its token, which only one can do: that is the row, the compare-and-set and the rising token in one.
/// </summary>
internal sealed class WorkShelf(string folder)
{
    private readonly string _work = Path.Combine(folder, "work");
    private readonly string _drafts = Path.Combine(folder, "drafts");

    /// <summary>The newest start of this effect; null where there is none.</summary>
    public WorkFolder? Newest(string effect, out int token) => NewestIn(Folder(effect), out token);

    /// <summary>The newest start of every effect.</summary>
    public static IEnumerable<WorkFolder> Newest(string folder)
    {
        var work = Path.Combine(folder, "work");
        return Directory.Exists(work)
            ? Directory.EnumerateDirectories(work).Select(effect => NewestIn(effect, out _)).OfType<WorkFolder>()
            : [];
    }

    /// <summary>
    /// An empty folder in which a start is made complete. Its name says whose it is, so that it can be swept when its maker died.
    /// </summary>
    public WorkFolder Draft()
    {
        var self = ProcessIdentity.Current;
        var name = string.Create(CultureInfo.InvariantCulture, $"{self.Pid}-{self.Started}-{Path.GetRandomFileName()}");
        var draft = new WorkFolder(Path.Combine(_drafts, name));
        Directory.CreateDirectory(draft.Root);
        return draft;
    }

    public WorkFolder At(string effect, int token) => new(Path.Combine(Folder(effect), token.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Gives a complete draft its place. What it replaces keeps only its small files.</summary>
    /// <returns>False where another start has that token.</returns>
    public bool TryPublish(WorkFolder draft, WorkFolder place)
    {
        var effect = Path.GetDirectoryName(place.Path)!;
        Directory.CreateDirectory(effect);
        try
        {
            Directory.Move(draft.Path, place.Path);
        }
        catch (IOException) when (Directory.Exists(place.Path))
        {
            return false;
        }
        NativeMethods.FlushFolder(effect);
        NativeMethods.FlushFolder(_work);
        return true;
    }

    /// <summary>Removes finished effects beyond the newest ones, and drafts whose maker is gone.</summary>
    /// <param name="isOpen">Whether the start may still have a process; what is open is kept.</param>
    public int Sweep(int keep, Func<WorkFolder, bool> isOpen)
    {
        var old = Directory.Exists(_work)
            ? Directory.EnumerateDirectories(_work).OrderByDescending(Directory.GetLastWriteTimeUtc).Skip(keep)
                .Where(effect => NewestIn(effect, out _) is not { } newest || !isOpen(newest))
            : [];
        var orphans = Directory.Exists(_drafts) ? Directory.EnumerateDirectories(_drafts).Where(IsOrphan) : [];
        var swept = old.Concat(orphans).ToList();
        swept.ForEach(FolderRemoval.Remove);
        return swept.Count;
    }

    private string Folder(string effect) => Path.Combine(_work, Digest.Of(System.Text.Encoding.UTF8.GetBytes(effect)).Hex);

    private static WorkFolder? NewestIn(string effect, out int token)
    {
        token = Directory.Exists(effect)
            ? Directory.EnumerateDirectories(effect)
                .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : 0)
                .DefaultIfEmpty(0).Max()
            : 0;
        return token > 0 ? new(Path.Combine(effect, token.ToString(CultureInfo.InvariantCulture))) : null;
    }

    private static bool IsOrphan(string draft)
    {
        var parts = Path.GetFileName(draft).Split('-');
        return parts.Length != 3
            || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            || !long.TryParse(parts[1], CultureInfo.InvariantCulture, out var started)
            || !new ProcessIdentity(pid, started, ProcessIdentity.CurrentBoot).IsAlive;
    }
}
