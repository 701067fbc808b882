using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Sessions;

/// <summary>The session of the person whose key lies on this machine: kept in its file, and renewed before it ends where that needs nobody.</summary>
internal sealed class PersonSessions(SignInPlace place, PersonKey person, string data, TimeProvider time) : ISessionSource
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private Task<StoredSession?>? _renewing;

    private string File => StoredSession.PathOf(PersonKeys.Folder(data), person.Person);

    public async ValueTask<string?> CurrentAsync() => (await FindAsync(CancellationToken.None))?.Token;

    /// <summary>The stored session, or a new one for the key or for what the issuer gave to renew it; null where the person must sign in.</summary>
    public async Task<StoredSession?> FindAsync(CancellationToken cancellation)
    {
        var stored = Stored();
        if (stored?.ExpiresAt > time.GetUtcNow() + Early)
        {
            return stored;
        }
        // One at a time: what renews a session is often good for one use.
        Task<StoredSession?> renewing;
        lock (_lock)
        {
            renewing = _renewing = _renewing is { IsCompleted: false } other ? other : RenewAsync(stored, cancellation);
        }
        // One that is about to end still counts for a minute, and the silo says best what is wrong with one that has ended.
        return await renewing ?? stored;
    }

    // One of another issuer is none here.
    private StoredSession? Stored()
    {
        var known = StoredSession.Read(File);
        return known?.Issuer == place.Issuer ? known : null;
    }

    private async Task<StoredSession?> RenewAsync(StoredSession? stored, CancellationToken cancellation)
    {
        using var tokens = new TokenEndpoint(place, time);
        var fresh = place.Own ? await tokens.ForKeyAsync(person, cancellation)
            : stored?.Refresh is { } refresh ? await tokens.ForRefreshAsync(refresh, cancellation)
            : null;
        fresh?.Write(File);
        return fresh;
    }

    /// <summary>Keeps what the person got by signing in.</summary>
    public void Keep(StoredSession session) => session.Write(File);
}
