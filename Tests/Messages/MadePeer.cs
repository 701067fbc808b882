using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>Somebody who connects to a silo's port without a silo's own checks, with a certificate made here.</summary>
[SuppressMessage("Security", "CA5359", Justification = "What the other end does not check is the attack.")]
[SuppressMessage("Security", "CA5398", Justification = "The port takes this version only.")]
internal static class MadePeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether the silo says anything to somebody who shows this role's key.</summary>
    public static async Task<bool> IsAnsweredAsync(IServiceProvider silo, IKeyring keyring, Role role)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var certificate = PeerCertificate.Make(
            [(Principal.OfRole(role), message => keyring.Sign(role, message))], TimeProvider.System.GetUtcNow());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, silo.GetRequiredService<SiloFile>().SiloPort, cancellation);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "maestro",
                    ClientCertificates = [certificate],
                    LocalCertificateSelectionCallback = (_, _, own, _, _) => own[0],
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                cancellation);
            return await stream.ReadAsync(new byte[1], cancellation).AsTask().WaitAsync(Patience, TimeProvider.System, cancellation) > 0;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return false;
        }
    }
}
