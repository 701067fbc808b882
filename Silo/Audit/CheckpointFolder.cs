using System.Text;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>The newest checkpoint as a file, <c>checkpoint</c>, in a folder that may be another disk's or another machine's.</summary>
internal sealed class CheckpointFolder(string folder) : ICheckpointCopy
{
    private const string FileName = "checkpoint";

    public SignedNote? Find() => NoteFile.Read(Path.Combine(folder, FileName));

    public void Keep(SignedNote note) => NoteFile.Write(Path.Combine(folder, FileName), note);
}

/// <summary>A note in a file.</summary>
internal static class NoteFile
{
    /// <summary>The note; null where there is no file.</summary>
    /// <exception cref="OutsideException">It is there and cannot be read.</exception>
    public static SignedNote? Read(string path)
    {
        var bytes = DurableFile.Read(path);
        return bytes is null ? null : SignedNote.Of(Encoding.UTF8.GetString(bytes));
    }

    /// <exception cref="OutsideException">It cannot be written.</exception>
    public static void Write(string path, SignedNote note)
    {
        DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, Encoding.UTF8.GetBytes(note.ToString()));
    }
}
