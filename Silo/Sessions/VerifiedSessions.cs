using System.Collections.Concurrent;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Sessions;

/// <summary>Remembers sessions that were verified until they expire, or the issuer's keys are others, or are not to be had any more.</summary>
/// <param name="demanded">Whether people's calls need one.</param>
internal sealed class VerifiedSessions(TrustedIssuer issuer, IIssuerKeys keys, TimeProvider time, bool demanded) : ISessions
{
    private const int MostRemembered = 10_000;

    private readonly SessionTokens _tokens = new(issuer, keys, time);
    private readonly ConcurrentDictionary<string, (Session Session, long Epoch)> _verified = new(StringComparer.Ordinal);

    public bool AreDemanded => demanded;

    public StepUp? StepUp => issuer.StepUp;

    public async ValueTask<SessionReading> ReadAsync(string token)
    {
        if (token.Length > SessionTokens.LongestToken)
        {
            return await _tokens.ReadAsync(token);
        }
        var digest = SessionCheck.DigestOf(token);
        var epoch = (await keys.CurrentAsync())?.Epoch;
        if (_verified.TryGetValue(digest, out var known) && known.Epoch == epoch && known.Session.ExpiresAt > time.GetUtcNow())
        {
            return new(known.Session);
        }
        var reading = await _tokens.ReadAsync(token);
        // Verified under keys that came meanwhile it is verified once more, which costs little.
        if (reading.Session is { } session && epoch is { } verified && (await keys.CurrentAsync())?.Epoch == verified)
        {
            Remember(digest, session, verified);
        }
        return reading;
    }

    private void Remember(string digest, Session session, long epoch)
    {
        if (_verified.Count >= MostRemembered)
        {
            var now = time.GetUtcNow();
            foreach (var (old, (forgotten, _)) in _verified)
            {
                if (forgotten.ExpiresAt <= now)
                {
                    _verified.TryRemove(old, out _);
                }
            }
        }
        if (_verified.Count < MostRemembered)
        {
            _verified[digest] = (session, epoch);
        }
    }
}
