using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>Makes every connection one of TLS 1.3 between two ends that show who they are: silos by their roles, people by their keys.</summary>
/// <param name="holders">Who this end is.</param>
/// <param name="keyring">Whose word counts.</param>
/// <param name="denials">Who is told of what was refused; null for nobody. It is asked for late, because it makes calls itself.</param>
[SuppressMessage("Security", "CA5398", Justification = "Both ends are of this release, and no older version is wanted.")]
internal sealed partial class PeerConnections(
    IReadOnlyCollection<(string Principal, Signer Sign)> holders, IKeyring keyring, Func<IDenials>? denials, TimeProvider time,
    ILogger<PeerConnections> logger) : IDisposable
{
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<X509Certificate2> _made = [];

    /// <summary>Connections that this end accepts.</summary>
    /// <param name="admits">Whether somebody with these principals may connect.</param>
    public void Accept(IConnectionBuilder builder, Func<string, bool> admits) => builder.Use((context, next) => RunAsync(
        context, next,
        (stream, ending) => stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = Current(),
                ClientCertificateRequired = true,
                AllowTlsResume = false,
                CertificateChainPolicy = Unchained(),
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsAdmitted(certificate, admits),
            },
            ending)));

    /// <summary>Connections that this end makes.</summary>
    /// <param name="admits">Whether the other end may be somebody with these principals.</param>
    public void Connect(IConnectionBuilder builder, Func<string, bool> admits) => builder.Use((context, next) => RunAsync(
        context, next,
        (stream, ending) => stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "maestro",
                ClientCertificates = [Current()],
                AllowTlsResume = false,
                CertificateChainPolicy = Unchained(),
                LocalCertificateSelectionCallback = (_, _, own, _, _) => own[0],
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsAdmitted(certificate, admits),
            },
            ending)));

    public void Dispose()
    {
        lock (_lock)
        {
            _made.ForEach(certificate => certificate.Dispose());
        }
    }

    private async Task RunAsync(ConnectionContext context, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> authenticate)
    {
        var plain = context.Transport;
        await using var stream = new SslStream(new PipeStream(plain));
        try
        {
            using var patience = new CancellationTokenSource(Handshake, time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.ConnectionClosed);
            await authenticate(stream, ending.Token);
        }
        // Who goes away before it says anything, as a look whether somebody listens does, is not refused.
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            context.Abort();
            return;
        }
#pragma warning disable CA1031 // Whatever is wrong with a certificate or our own key, there is no connection.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            var peer = context.RemoteEndPoint?.ToString() ?? "somewhere";
            LogRefused(peer, refused.Message);
            denials?.Invoke().Note(new(time.GetUtcNow(), "peer.refused", "connection", context.LocalEndPoint?.ToString() ?? "", peer, refused.Message));
            context.Abort();
            return;
        }
        var secured = new StreamPipes(stream);
        context.Transport = secured;
        using var ended = new CancellationTokenSource();
        var watch = WatchAsync(context, (X509Certificate2)stream.RemoteCertificate!, ended.Token);
        try
        {
            await next(context);
        }
        finally
        {
            await ended.CancelAsync();
            await watch;
            await secured.CompleteAsync();
            context.Transport = plain;
        }
    }

    // A connection must not outlive the keys that vouched for it.
    private async Task WatchAsync(ConnectionContext context, X509Certificate2 certificate, CancellationToken ended)
    {
        using var pace = new PeriodicTimer(Look, time);
        try
        {
            while (await pace.WaitForNextTickAsync(ended))
            {
                if (PeerCertificate.IsDisowned(certificate, keyring))
                {
                    LogRefused(context.RemoteEndPoint?.ToString() ?? "somewhere", "A key that vouches for it was revoked.");
                    context.Abort();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended by itself.
        }
    }

    // Vouchers are all that counts: nothing is fetched for a certificate, and no authority is asked.
    private static X509ChainPolicy Unchained() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    private bool IsAdmitted(X509Certificate? certificate, Func<string, bool> admits) => certificate is X509Certificate2 shown
        && PeerCertificate.HoldersOf(shown, keyring, time.GetUtcNow()).Any(admits);

    // One that is in use may still be shaking hands, so an old one stays until the end; there are two a day.
    private X509Certificate2 Current()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_made.Count == 0 || now > _made[^1].NotAfter - (PeerCertificate.Life / 2) || HoldersChanged(_made[^1], now))
            {
                _made.Add(PeerCertificate.Make(holders, now));
            }
            return _made[^1];
        }
    }

    // A key that was rotated vouches no more.
    private bool HoldersChanged(X509Certificate2 certificate, DateTimeOffset now) =>
        PeerCertificate.HoldersOf(certificate, keyring, now).IsEmpty;

    [LoggerMessage(LogLevel.Warning, "A connection with {Peer} was refused: {Why}")]
    private partial void LogRefused(string peer, string why);
}
