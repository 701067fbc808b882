using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Screen;

namespace Maestro.Sessions;

/// <summary>
/// Signs a person in with the browser: an authorization code with PKCE, brought to a port of this machine that is open for this one sign-in (RFC 8252).
/// </summary>
internal sealed class BrowserSignIn(SignInPlace place, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <exception cref="SentenceException">The person or the issuer says no, or nobody comes back in time.</exception>
    public async Task<StoredSession> SignInAsync(CancellationToken cancellation)
    {
        using var tokens = new TokenEndpoint(place, time);
        var configuration = await tokens.ConfigurationAsync(cancellation);
        var (state, nonce, verifier) = (Secret(), Secret(), Secret());
        await using var callback = await LoopbackCallback.OpenAsync(state, place.Issuer, cancellation);
        terminal.Say("Open this address in a browser on this machine, and sign in:");
        var endpoint = tokens.Address(configuration, "authorization_endpoint");
        await terminal.Out.WriteLineAsync(AddressOf(endpoint, callback.Address, state, nonce, verifier, configuration));
        await terminal.Out.FlushAsync(cancellation);
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            var code = await callback.CodeAsync(either.Token);
            return await tokens.ForCodeAsync(configuration, code, callback.Address, verifier, nonce, cancellation) ?? throw new SentenceException(
                "The issuer gave no session for this silo. Its tokens must be JWTs for the audience that the silo asks for.", ExitCode.Refused);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SentenceException("Nobody signed in within five minutes. Try again: maestro login", ExitCode.Refused);
        }
    }

    private string AddressOf(string endpoint, string redirect, string state, string nonce, string verifier, JsonElement configuration)
    {
        var asked = new Dictionary<string, string>
        {
            ["response_type"] = "code",
            ["client_id"] = place.ClientId,
            ["redirect_uri"] = redirect,
            ["scope"] = ScopeOf(configuration),
            ["state"] = state,
            ["nonce"] = nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
            // Whoever signs in wants to go on with what asks for it; and with it the issuer must say when the sign-in was.
            ["max_age"] = place.Seconds.ToString(CultureInfo.InvariantCulture),
        };
        if (!place.Levels.IsDefaultOrEmpty)
        {
            asked["acr_values"] = string.Join(' ', place.Levels);
        }
        var query = string.Join('&', asked.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        return $"{endpoint}{(endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";
    }

    private string ScopeOf(JsonElement configuration)
    {
        const string offline = "offline_access";
        var renews = configuration.TryGetProperty("scopes_supported", out var scopes) && scopes.ValueKind is JsonValueKind.Array
            && scopes.EnumerateArray().Any(scope => scope.ToString() == offline);
        return renews && !place.Scope.Split(' ').Contains(offline) ? $"{place.Scope} {offline}" : place.Scope;
    }

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
