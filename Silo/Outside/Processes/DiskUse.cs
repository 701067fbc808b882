using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Maestro.Outside.Processes;

/// <summary>How much folders hold, by the lengths of their files: a sparse file counts as if it were full.</summary>
internal static class DiskUse
{
    private static readonly EnumerationOptions All = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>Stops counting at the limit. What is too deep to be counted exceeds it.</summary>
    public static bool Exceeds(ImmutableArray<string> folders, long limit)
    {
        var sum = 0L;
        foreach (var folder in folders)
        {
            try
            {
                foreach (var length in Lengths(folder))
                {
                    sum += length;
                    if (sum > limit)
                    {
                        return true;
                    }
                }
            }
            catch (PathTooLongException)
            {
                return true;
            }
            catch (IOException)
            {
                // A folder that went away while it was read: the next look counts again.
            }
        }
        return false;
    }

    private static FileSystemEnumerable<long> Lengths(string folder) => new(folder, (ref FileSystemEntry entry) => entry.Length, All)
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) =>
            !entry.IsDirectory && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };
}
