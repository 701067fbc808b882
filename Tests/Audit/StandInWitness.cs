using System.Globalization;
using System.Text;
using Maestro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using NSec.Cryptography;

namespace Maestro.Audit;

/// <summary>A witness of its own, by C2SP tlog-witness over loopback HTTP: it knows one ledger's key, and checks and stores in one step.</summary>
internal sealed class StandInWitness : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Key _key = NSec.Cryptography.Key.Create(SignatureAlgorithm.Ed25519);
    private readonly Func<NoteKey, byte[], byte[], bool> _verify;
    private readonly NoteKey _ledger;
    private readonly Lock _turn = new();

    private StandInWitness(string name, NoteKey ledger, Func<NoteKey, byte[], byte[], bool> verify, int port)
    {
        (_ledger, _verify) = (ledger, verify);
        Key = new(name, NoteKeyKind.Cosignature, [.. _key.PublicKey.Export(KeyBlobFormat.RawPublicKey)]);
        Address = new Uri($"http://127.0.0.1:{port}/");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public NoteKey Key { get; }

    public Uri Address { get; }

    /// <summary>What it has cosigned last.</summary>
    public Checkpoint? Seen { get; private set; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Its clock.</summary>
    public Func<DateTimeOffset> Now { get; set; } = TimeProvider.System.GetUtcNow;

    /// <summary>What it answers instead of what the protocol says; null for the protocol.</summary>
    public (int Status, string Body)? Instead { get; set; }

    public static async Task<StandInWitness> StartAsync(string name, NoteKey ledger)
    {
        var witness = new StandInWitness(name, ledger, Verify, Ports.Free());
        await witness._server.StartAsync(TestContext.Current.CancellationToken);
        return witness;
    }

    public static bool Verify(NoteKey key, byte[] text, byte[] signature) => SignatureAlgorithm.Ed25519.Verify(
        PublicKey.Import(SignatureAlgorithm.Ed25519, key.PublicKey.AsSpan(), KeyBlobFormat.RawPublicKey), text, signature);

    public HttpWitness Connect() => new(Key, Address, TimeProvider.System);

    public Task StopAsync() => _server.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        var (status, type, body) = context.Request.Method == "POST" && context.Request.Path == "/add-checkpoint" ? Add(text) : (404, "text/plain", "");
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private (int Status, string Type, string Body) Add(string request)
    {
        lock (_turn)
        {
            Asked++;
            if (Instead is { } instead)
            {
                return (instead.Status, instead.Status == 409 ? "text/x.tlog.size" : "text/plain", instead.Body);
            }
            var split = request.IndexOf("\n\n", StringComparison.Ordinal);
            if (split < 0 || request[..split].Split('\n') is not [var first, .. var lines] || !first.StartsWith("old ", StringComparison.Ordinal)
                || !ulong.TryParse(first[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var old) || lines.Length > 63
                || SignedNote.Read(request[(split + 2)..]) is not { } note || Checkpoint.Read(note.Text) is not { } checkpoint || old > checkpoint.Size)
            {
                return (400, "text/plain", "");
            }
            if (checkpoint.Origin != _ledger.Name)
            {
                return (404, "text/plain", "");
            }
            if (note.SignedBy([_ledger], _verify) is not { IsEmpty: false })
            {
                return (403, "text/plain", "");
            }
            var seen = Seen?.Size ?? 0;
            if (old != seen || (old == checkpoint.Size && Seen is { } same && !same.Root.SequenceEqual(checkpoint.Root)))
            {
                return (409, "text/x.tlog.size", string.Create(CultureInfo.InvariantCulture, $"{seen}\n"));
            }
            if (old > 0 && !MerkleProof.Extends(old, [.. Seen!.Root], checkpoint.Size, [.. checkpoint.Root], [.. lines.Select(Convert.FromBase64String)]))
            {
                return (422, "text/plain", "");
            }
            Seen = checkpoint;
            return (200, "text/plain", Line(note.Text));
        }
    }

    private string Line(string checkpoint)
    {
        var seconds = (ulong)Now().ToUnixTimeSeconds();
        var signature = Checkpoint.Cosignature(seconds, SignatureAlgorithm.Ed25519.Sign(_key, Checkpoint.CosignedText(seconds, checkpoint)));
        return new SignedNote(checkpoint, [new(Key.Name, Key.Id, signature)]).ToString()[(checkpoint.Length + 1)..];
    }
}
