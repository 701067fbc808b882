using System.Text;
using Maestro.Evidence;

namespace Maestro.Outside.Infrastructure;

/// <summary>
/// What was done to one environment's world, a line for each operation. <c>done</c> is written after the engine did it, <c>found</c>
/// where it was done already: so every operation has a line, and <c>done</c> at most once for each effect.
/// </summary>
internal sealed class Journal(EnvironmentFiles files)
{
    /// <summary>Beyond this the journal begins anew and only the one before is kept.</summary>
    public const int Largest = 4 * 1024 * 1024;

    public void Append(JournalLine line)
    {
        var older = new FileInfo(files.Journal);
        if (older.Exists && older.Length > Largest)
        {
            File.Move(files.Journal, files.OlderJournal, overwrite: true);
        }
        using var file = new FileStream(files.Journal, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        // A crash may have left half a line, which must not swallow this one.
        if (file.Length > 0 && LastByte(file) != '\n')
        {
            file.WriteByte((byte)'\n');
        }
        file.Seek(0, SeekOrigin.End);
        file.Write([.. CanonicalJson.Write(line), (byte)'\n']);
        file.Flush(flushToDisk: true);
    }

    /// <summary>The lines that are kept, oldest first; half lines are left out.</summary>
    public IEnumerable<JournalLine> Read() =>
        new[] { files.OlderJournal, files.Journal }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => CanonicalJson.Read<JournalLine>(Encoding.UTF8.GetBytes(line)))
            .OfType<JournalLine>();

    private static int LastByte(FileStream file)
    {
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte();
    }
}

/// <param name="Plan">The digest of the plan.</param>
/// <param name="Operation"><c>create</c>, <c>update</c> or <c>delete</c>.</param>
/// <param name="Outcome"><c>done</c>, <c>found</c>, or <c>kept</c> for a directory that holds other files.</param>
internal sealed record JournalLine(string Effect, string Plan, PlannedAction Operation, string Address, string Outcome);
