using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The signed files of an installation.</summary>
internal sealed class SignedRecordFiles(string keys, string roster) : ISignedRecords
{
    public byte[] Registry() => Read(KeyRegistry.PathIn(keys));

    public byte[]? Roster() => File.Exists(roster) ? Read(roster) : null;

    public ImmutableArray<byte[]> Joinings() => [.. KeyFolder.Joinings(keys).Select(Read)];

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OutsideException(
                new Reason("keys.signed-file", "What the root signed is read where it is kept.", path, failure.Message, "Restore the file from a copy."),
                failure);
        }
    }
}
