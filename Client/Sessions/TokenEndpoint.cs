using System.Text.Json;
using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Screen;

namespace Maestro.Sessions;

/// <summary>Asks an issuer for sessions. Whatever it answers is bounded, and of no use before the silo has verified it.</summary>
internal sealed class TokenEndpoint(SignInPlace place, TimeProvider time) : IDisposable
{
    private const int MostBytes = 256 << 10;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>A session of the silo's own issuer, for the person's key; null where it gives none.</summary>
    public Task<StoredSession?> ForKeyAsync(PersonKey person, CancellationToken cancellation) => AskAsync($"{place.Issuer}/token", new()
    {
        ["grant_type"] = SessionAssertion.GrantType,
        ["assertion"] = SessionAssertion.Issue(person, place.Issuer, time),
    }, null, cancellation);

    /// <summary>A session for what an earlier one came with; null where that is over.</summary>
    public async Task<StoredSession?> ForRefreshAsync(string refresh, CancellationToken cancellation)
    {
        var configuration = await ConfigurationAsync(cancellation);
        return await AskAsync(Address(configuration, "token_endpoint"), new()
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh,
            ["client_id"] = place.ClientId,
        }, refresh, cancellation);
    }

    /// <summary>A session for the code that the person's browser brought.</summary>
    /// <param name="verifier">What nobody else can know who saw the code (RFC 7636).</param>
    public async Task<StoredSession?> ForCodeAsync(
        JsonElement configuration, string code, string redirect, string verifier, string nonce, CancellationToken cancellation)
    {
        var answer = await PostAsync(Address(configuration, "token_endpoint"), new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirect,
            ["client_id"] = place.ClientId,
            ["code_verifier"] = verifier,
        }, cancellation);
        // The answer came straight from the issuer; that it belongs to what was asked here, the nonce says.
        if (answer is { } given && Text(given, "id_token") is { } identity
            && new StoredSession(place.Issuer, identity, null).Claim("nonce")?.ToString() != nonce)
        {
            throw new SentenceException("The issuer answered with a sign-in that was not asked for here. Try again: maestro login", ExitCode.Refused);
        }
        return SessionIn(answer, null);
    }

    /// <summary>What the issuer says of itself.</summary>
    /// <exception cref="SentenceException">It does not answer, or as somebody else.</exception>
    public async Task<JsonElement> ConfigurationAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{place.Issuer.TrimEnd('/')}/.well-known/openid-configuration");
        var configuration = await SendAsync(request, cancellation);
        return configuration is { } told && Text(told, "issuer") == place.Issuer ? told : throw Silent();
    }

    /// <exception cref="SentenceException">The issuer names no safe address.</exception>
    public string Address(JsonElement configuration, string name) =>
        Text(configuration, name) is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri) && OutsideIssuer.IsSafe(uri)
            ? address : throw Silent();

    public void Dispose() => _http.Dispose();

    private async Task<StoredSession?> AskAsync(string address, Dictionary<string, string> form, string? refresh, CancellationToken cancellation) =>
        SessionIn(await PostAsync(address, form, cancellation), refresh);

    private async Task<JsonElement?> PostAsync(string address, Dictionary<string, string> form, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) };
        return await SendAsync(request, cancellation);
    }

    private async Task<JsonElement?> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            using var answer = await _http.SendAsync(request, either.Token);
            await answer.Content.LoadIntoBufferAsync(MostBytes, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                return null;
            }
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(either.Token));
            return document.RootElement.ValueKind is JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Silent();
        }
    }

    // An access token is a session where it is a JWT for the silo (RFC 9068); with most issuers only the identity token is one.
    private StoredSession? SessionIn(JsonElement? answer, string? refresh)
    {
        if (answer is not { } given)
        {
            return null;
        }
        var candidates = new[] { Text(given, "access_token"), Text(given, "id_token") }.OfType<string>()
            .Select(token => new StoredSession(place.Issuer, token, Text(given, "refresh_token") ?? refresh));
        return candidates.FirstOrDefault(session => IsForUs(session.Claim("aud")));
    }

    private bool IsForUs(JsonElement? audience) => audience switch
    {
        { ValueKind: JsonValueKind.String } one => one.GetString() == place.Audience,
        { ValueKind: JsonValueKind.Array } many => many.EnumerateArray().Any(item => item.ToString() == place.Audience),
        _ => false,
    };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private SentenceException Silent() => new($"The issuer {Shown.Text(place.Issuer)} does not answer as one. Is it reachable from here?", ExitCode.Refused);
}
