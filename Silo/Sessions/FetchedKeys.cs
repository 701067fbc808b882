using System.Text;
using Maestro.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Maestro.Sessions;

/// <summary>
/// The keys of an outside issuer, from where it publishes them. They are asked for every ten minutes, count for an hour, and however many show
/// unknown keys, the issuer is asked once in ten seconds.
/// </summary>
internal sealed partial class FetchedKeys(string issuer, BoundedDocuments documents, TimeProvider time, ILogger<FetchedKeys> logger) : IIssuerKeys
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);
    public static readonly TimeSpan Renewal = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Known? _known;
    private Task? _asking;
    private DateTimeOffset? _asked;

    public ValueTask<PublishedKeys?> CurrentAsync()
    {
        var known = Volatile.Read(ref _known);
        if (known is null || AgeOf(known) > Life)
        {
            return NewestAsync();
        }
        if (AgeOf(known) > Renewal)
        {
            // What is known still counts, so nobody waits for it.
            _ = AskAsync();
        }
        return new(known.Keys);
    }

    public async ValueTask<PublishedKeys?> NewestAsync()
    {
        await AskAsync();
        return Volatile.Read(ref _known) is { } known && AgeOf(known) <= Life ? known.Keys : null;
    }

    private Task AskAsync()
    {
        lock (_lock)
        {
            if (_asking is { IsCompleted: false } asking)
            {
                return asking;
            }
            var now = time.GetUtcNow();
            if (_asked is { } then && now - then < Pause)
            {
                return Task.CompletedTask;
            }
            _asked = now;
            // A grain's filter may be waiting, and the answer must not need that grain's turn.
            return _asking = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            var configuration = OpenIdConnectConfiguration.Create(Encoding.UTF8.GetString(
                await documents.GetAsync($"{issuer.TrimEnd('/')}/.well-known/openid-configuration")));
            if (configuration.Issuer != issuer)
            {
                throw new InvalidDataException($"It names itself {new Outside.UntrustedText(configuration.Issuer ?? "nothing").Shown(100)}.");
            }
            var keys = PublishedKeys.Usable(new JsonWebKeySet(Encoding.UTF8.GetString(await documents.GetAsync(configuration.JwksUri))));
            if (keys.IsEmpty)
            {
                throw new InvalidDataException("It publishes no key that can be used.");
            }
            var fingerprint = PublishedKeys.FingerprintOf(keys);
            var known = Volatile.Read(ref _known);
            var same = known?.Fingerprint == fingerprint;
            Volatile.Write(ref _known, new(same ? known!.Keys : new((known?.Keys.Epoch ?? 0) + 1, keys), fingerprint, time.GetUtcNow()));
        }
#pragma warning disable CA1031 // Whatever an outside server answers, the silo goes on, and without keys nobody is believed.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotFetched(issuer, failure.Message);
        }
    }

    private TimeSpan AgeOf(Known known) => time.GetUtcNow() - known.At;

    [LoggerMessage(LogLevel.Warning, "The keys of {Issuer} could not be had: {Problem}")]
    private partial void LogNotFetched(string issuer, string problem);

    private sealed record Known(PublishedKeys Keys, string Fingerprint, DateTimeOffset At);
}

/// <summary>Documents of an issuer: over HTTPS or from this machine, not redirected, not large, not late.</summary>
internal sealed class BoundedDocuments(TimeProvider time) : IDisposable
{
    private const int MostBytes = 256 << 10;

    // Two of them are read for one question, and a call may be waiting.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = Within,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    /// <exception cref="InvalidDataException">It is not there, not safe, or too large.</exception>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="OperationCanceledException">The answer is too late.</exception>
    public async Task<byte[]> GetAsync(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !OutsideIssuer.IsSafe(uri))
        {
            throw new InvalidDataException("A document lies at an address without TLS.");
        }
        using var late = new CancellationTokenSource(Within, time);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using var answer = await _http.SendAsync(request, late.Token);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidDataException($"It answered {(int)answer.StatusCode}.");
        }
        await using var body = await answer.Content.ReadAsStreamAsync(late.Token);
        var bytes = new byte[MostBytes + 1];
        var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, late.Token);
        return read <= MostBytes ? bytes[..read] : throw new InvalidDataException("It answered with more than a document of keys.");
    }

    public void Dispose() => _http.Dispose();
}
