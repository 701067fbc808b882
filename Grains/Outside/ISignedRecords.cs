using System.Collections.Immutable;

namespace Maestro.Outside;

/// <summary>The registry of keys and the roster, byte for byte as the root signed them.</summary>
public interface ISignedRecords
{
    /// <exception cref="OutsideException">It cannot be read.</exception>
    byte[] Registry();

    /// <summary>Null where there is nobody yet.</summary>
    /// <exception cref="OutsideException">It is there and cannot be read.</exception>
    byte[]? Roster();

    /// <summary>The joinings of silos, each with the ticket that the root signed.</summary>
    ImmutableArray<byte[]> Joinings();
}
