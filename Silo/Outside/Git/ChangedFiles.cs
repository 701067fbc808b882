using System.Collections.Immutable;
using LibGit2Sharp;

namespace Maestro.Outside.Git;

/// <summary>Loads changed files within the limits. Sizes come from the objects' headers, before any content is read.</summary>
internal sealed class ChangedFiles(Repository repository, ComparisonLimits limits)
{
    private int _files;
    private long _bytes;

    public ChangedFile Load(RenamedChange renamed)
    {
        var change = renamed.Change;
        var path = new UntrustedText(change.Path);
        var before = renamed.Before is null ? null : new UntrustedText(renamed.Before);
        if (Skip(change) is { } skipped)
        {
            return new ChangedFile(path, before, null, null, [], [], skipped);
        }
        var (old, @new) = (Bytes(change.Old), Bytes(change.New));
        if (Text.IsBinary(@new ?? old))
        {
            return new ChangedFile(path, before, null, null, [], [], "binary");
        }
        var (added, removed) = Lines(change, old, @new);
        return new ChangedFile(path, before, Memory(@new), Memory(old), added, removed, null);
    }

    private string? Skip(TreeChange change)
    {
        if (Unusual(change.New) is { } unusual || (unusual = Unusual(change.Old)) is not null)
        {
            return unusual;
        }
        var (old, @new) = (Size(change.Old), Size(change.New));
        if (Math.Max(old, @new) > limits.BytesPerFile)
        {
            return "too large";
        }
        if (_files >= limits.Files || _bytes + old + @new > limits.BytesInAll)
        {
            return "over the limit";
        }
        _files++;
        _bytes += old + @new;
        return null;
    }

    private static string? Unusual(TreeSide? side) => side?.Mode switch
    {
        null or Mode.NonExecutableFile or Mode.NonExecutableGroupWritableFile or Mode.ExecutableFile => null,
        Mode.SymbolicLink => "link",
        Mode.GitLink => "submodule",
        _ => "not a file",
    };

    private (ImmutableArray<int> Added, ImmutableArray<int> Removed) Lines(TreeChange change, byte[]? old, byte[]? @new)
    {
        if (old is null || @new is null || Text.IsBinary(old))
        {
            return (Text.AllLines(@new), @new is null ? Text.AllLines(old) : []);
        }
        if (change.Old!.Value.Id == change.New!.Value.Id)
        {
            return ([], []);
        }
        var options = new CompareOptions { ContextLines = 0, InterhunkLines = 0 };
        var difference = repository.Diff.Compare(
            repository.Lookup<Blob>(change.Old.Value.Id), repository.Lookup<Blob>(change.New.Value.Id), options);
        return difference.IsBinaryComparison
            ? (Text.AllLines(@new), Text.AllLines(old))
            : ([.. difference.AddedLines.Select(line => line.LineNumber)], [.. difference.DeletedLines.Select(line => line.LineNumber)]);
    }

    private byte[]? Bytes(TreeSide? side) => side is { } file ? Objects.Bytes(repository, file.Id) : null;

    private long Size(TreeSide? side) => side is { } file ? Objects.SizeOf(repository, file.Id) : 0;

    // A null array converts to empty memory, which would read as an empty file.
    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;
}
