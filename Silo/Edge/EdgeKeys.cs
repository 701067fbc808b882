using Maestro.Custody;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Edge;

/// <summary>Whose signature the edge believes: the keys that the root registered which it was started with. It holds no key itself.</summary>
internal static class EdgeKeys
{
    public static LeaseGate Gate(string keys, string root, TimeProvider time)
    {
        // Kept, because what has seen a newer registry takes no older one. A failure is not kept.
        var keyring = new Lazy<IKeyring>(() => FileKeyring.Open(keys, root, [], NobodyKnown.Instance), LazyThreadSafetyMode.PublicationOnly);
        return new(() => keyring.Value, time);
    }
}
