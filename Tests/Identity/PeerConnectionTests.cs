using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Maestro.Outside;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Identity;

/// <summary>Two ends of a connection over loopback, through the middleware that a silo and a console have.</summary>
[SuppressMessage("Security", "CA5359", Justification = "What the other end does not check is the attack.")]
[SuppressMessage("Security", "CA5398", Justification = "The version is what is tested.")]
public sealed class PeerConnectionTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly Folder _foreign = new();
    private readonly Denied _denied = new();
    private readonly FileKeyring _keyring;
    private readonly FileKeyring _stranger;

    public PeerConnectionTests()
    {
        _keyring = Founded(_folder);
        _stranger = Founded(_foreign);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _keyring.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public async Task Two_silos_of_one_root_talk()
    {
        using var connecting = Peer(_keyring, Role.Review);
        Assert.Equal("hello", await SaidAsync(_keyring, connecting, principal => principal == "role:review"));
        Assert.Empty(_denied.Notes);
    }

    [Fact]
    public async Task A_silo_of_another_root_is_refused_and_noted_and_it_would_talk_if_every_signature_were_believed()
    {
        using var connecting = Peer(_stranger, Role.Review);
        Assert.Null(await SaidAsync(_keyring, connecting, _ => true));
        Assert.Equal("peer.refused", Assert.Single(_denied.Notes).Code);
        Assert.Equal("hello", await SaidAsync(new BelievingKeyring(), connecting, _ => true));
    }

    [Fact]
    public async Task A_silo_of_another_role_than_is_wanted_is_refused()
    {
        using var connecting = Peer(_keyring, Role.Review);
        Assert.Null(await SaidAsync(_keyring, connecting, principal => principal == "role:control"));
    }

    [Fact]
    public async Task Whoever_connects_finds_out_whether_it_is_the_right_place()
    {
        using var connecting = Peer(_keyring, Role.Review);
        Assert.Null(await SaidAsync(_keyring, connecting, _ => true, place => place == "role:gateway"));
    }

    [Fact]
    public async Task Plain_bytes_an_older_version_and_no_certificate_get_nowhere()
    {
        Assert.Null(await SaidAsync(_keyring, async stream =>
        {
            await stream.WriteAsync("hello\n"u8.ToArray(), Cancellation);
            return stream;
        }, _ => true));
        var nameless = new SslClientAuthenticationOptions { TargetHost = "maestro" };
        Assert.Null(await SaidAsync(_keyring, stream => SecuredAsync(stream, nameless), _ => true));
        using var certificate = PeerCertificate.Make([("role:review", message => _keyring.Sign(Role.Review, message))], TimeProvider.System.GetUtcNow());
        Assert.Null(await SaidAsync(_keyring, stream => SecuredAsync(stream, Older(certificate)), _ => true));
    }

    // The test's own client: anything that is not the middleware.
    private static async Task<Stream> SecuredAsync(Stream stream, SslClientAuthenticationOptions options)
    {
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(options, Cancellation);
        await secured.WriteAsync("hello\n"u8.ToArray(), Cancellation);
        return secured;
    }

    private static SslClientAuthenticationOptions Older(X509Certificate2 certificate) => new()
    {
        TargetHost = "maestro",
        ClientCertificates = [certificate],
        EnabledSslProtocols = SslProtocols.Tls12,
    };

    private Task<string?> SaidAsync(IKeyring believed, PeerConnections connecting, Func<string, bool> admits, Func<string, bool>? expects = null) =>
        SaidAsync(believed, async stream =>
        {
            var done = new TaskCompletionSource<Stream>();
            var builder = new Pipeline();
            connecting.Connect(builder, expects ?? (_ => true));
            var run = builder.RunAsync(stream, async context =>
            {
                await context.Transport.Output.WriteAsync("hello\n"u8.ToArray(), Cancellation);
                await context.Transport.Output.FlushAsync(Cancellation);
                done.TrySetResult(stream);
                await context.Transport.Input.ReadAsync(Cancellation);
            });
            await Task.WhenAny(done.Task, run);
            return done.Task.IsCompleted ? stream : throw new IOException("It was refused.");
        }, admits);

    /// <summary>What the accepting end reads of the connecting one; null where there was no connection.</summary>
    private async Task<string?> SaidAsync(IKeyring believed, Func<Stream, Task<Stream>> connect, Func<string, bool> admits)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        using var accepted = await listener.AcceptTcpClientAsync(Cancellation);
        using var accepting = new PeerConnections(
            [("role:control", message => _keyring.Sign(Role.Control, message))], believed, () => _denied, TimeProvider.System,
            NullLogger<PeerConnections>.Instance);
        string? said = null;
        var builder = new Pipeline();
        accepting.Accept(builder, admits);
        var run = builder.RunAsync(accepted.GetStream(), async context =>
        {
            using var reader = new StreamReader(context.Transport.Input.AsStream());
            said = await reader.ReadLineAsync(Cancellation);
        });
        try
        {
            await connect(client.GetStream());
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            accepted.Close();
        }
        try
        {
            await run.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);
        }
        catch (IOException)
        {
            // The other end went away.
        }
        return said;
    }

    private PeerConnections Peer(FileKeyring own, Role role) => new(
        [(Principal.OfRole(role), message => own.Sign(role, message))], _keyring, null, TimeProvider.System, NullLogger<PeerConnections>.Instance);

    private static FileKeyring Founded(Folder folder)
    {
        new Registrar(folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Review]);
        return FileKeyring.Open(folder.Keys, KeyRegistry.RootOf(folder.Keys), [Role.Control, Role.Review], NobodyKnown.Instance);
    }

    private sealed class Denied : IDenials
    {
        public List<Denial> Notes { get; } = [];

        public void Note(Denial denial) => Notes.Add(denial);
    }

    /// <summary>A connection's middleware as Orleans puts it together.</summary>
    private sealed class Pipeline : IConnectionBuilder
    {
        private readonly List<Func<ConnectionDelegate, ConnectionDelegate>> _middleware = [];

        public IServiceProvider ApplicationServices => throw new NotSupportedException();

        public IConnectionBuilder Use(Func<ConnectionDelegate, ConnectionDelegate> middleware)
        {
            _middleware.Add(middleware);
            return this;
        }

        public ConnectionDelegate Build() => throw new NotSupportedException();

        [SuppressMessage("Reliability", "CA2000", Justification = "Aborting a connection goes on after it has ended.")]
        public async Task RunAsync(Stream stream, ConnectionDelegate last)
        {
            var context = new DefaultConnectionContext("test", new Pipes(stream), null!);
            await _middleware.AsEnumerable().Reverse().Aggregate(last, (next, one) => one(next))(context);
        }

        private sealed class Pipes(Stream stream) : IDuplexPipe
        {
            public PipeReader Input { get; } = PipeReader.Create(stream);

            public PipeWriter Output { get; } = PipeWriter.Create(stream);
        }
    }
}
