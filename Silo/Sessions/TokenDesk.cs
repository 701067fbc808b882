using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Sessions;

/// <summary>Gives sessions of the silo's own issuer for assertions that people sign.</summary>
internal sealed class TokenDesk(OwnIssuer issuer, IKeyring keyring, IDirectory directory, TimeProvider time)
{
    private readonly NonceMemory _used = new(time, 10_000);

    /// <summary>A session; null where the assertion is not good.</summary>
    public string? Exchange(string assertion, out string problem)
    {
        var now = time.GetUtcNow();
        if (SessionAssertion.Verify(assertion, keyring, issuer.Name, now, out problem) is not { } claims)
        {
            return null;
        }
        if (directory.Find(claims.Subject) is not { } person)
        {
            problem = "an assertion of nobody in the roster";
            return null;
        }
        if (!_used.TryUse($"{claims.Subject} {claims.Id}", DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt)))
        {
            problem = $"an assertion of {claims.Subject} that was used before";
            return null;
        }
        return issuer.Issue(person);
    }
}
