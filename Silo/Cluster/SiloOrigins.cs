using System.Collections.Concurrent;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Cluster;

/// <summary>
/// Where messages come from, by the cluster's membership. A silo signs under its address with its generation, which no later silo has. One that
/// was seen with the role is known for as long as its last messages are fresh.
/// </summary>
internal sealed class SiloOrigins(Presence presence, ILocalSiloDetails local, TimeProvider time) : IOrigins
{
    /// <summary>Longer than a message is good for.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(15);

    // Beyond this what is not seen now is forgotten; it is read from the membership again.
    private const int Most = 1000;

    private readonly ConcurrentDictionary<(Role Role, string Silo), DateTimeOffset> _seen = new();

    public string Here { get; } = local.SiloAddress.ToParsableString();

    public bool Fits(Role role, string silo)
    {
        var (key, now) = ((role, silo), time.GetUtcNow());
        if (_seen.TryGetValue(key, out var last) && now - last < Remembered / 2)
        {
            return true;
        }
        if (!presence.Silos(HostOf(role)).Any(known => known.ToParsableString() == silo))
        {
            return last != default && now - last < Remembered;
        }
        if (_seen.Count >= Most)
        {
            _seen.Clear();
        }
        _seen[key] = now;
        return true;
    }

    // The desk comes with the control plane.
    private static Role HostOf(Role role) => role == Role.Desk ? Role.Control : role;
}
