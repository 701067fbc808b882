using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>Nonces in memory.</summary>
internal sealed class Nonces : INonceStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, string), DateTimeOffset> _used = [];

    public bool IsAway { get; set; }

    public Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until)
    {
        lock (_lock)
        {
            return IsAway
                ? Task.FromException<bool>(new OutsideException(new Reason("storage.away", "A test.", "", "", "")))
                : Task.FromResult(_used.TryAdd((receiver, nonce), until));
        }
    }

    public Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation) => Task.FromResult(0);
}

/// <summary>A cluster of one silo, and of those that are named.</summary>
internal sealed class Origins : IOrigins
{
    public HashSet<(Role Role, string Silo)> Known { get; } = [];

    public string Here => "here";

    public bool Fits(Role role, string silo) => silo == Here || Known.Contains((role, silo));
}
