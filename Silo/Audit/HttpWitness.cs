using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Audit;

/// <summary>An outside witness over HTTP, by C2SP tlog-witness. Neither its time nor its answers are without limit.</summary>
internal sealed class HttpWitness(NoteKey key, Uri address, TimeProvider time) : IOutsideWitness, IDisposable
{
    /// <summary>How long it may take to answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int BodyLimit = 16 * 1024;

    private readonly Uri _add = new($"{address.ToString().TrimEnd('/')}/add-checkpoint");

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // Nobody but whom the operator named is asked.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
    });

    public NoteKey Key => key;

    public async Task<WitnessAnswer> AddAsync(ulong old, ImmutableArray<byte[]> proof, SignedNote checkpoint, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _add)
            {
                Content = new StringContent(WitnessProtocol.Request(old, proof, checkpoint), Encoding.UTF8, new MediaTypeHeaderValue("text/plain", "utf-8")),
            };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var body = await ReadAsync(response, both.Token);
            return Read(response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, checkpoint);
        }
        catch (HttpRequestException failure)
        {
            throw Away(failure.HttpRequestError.ToString(), failure);
        }
        catch (IOException failure)
        {
            throw Away("its answer was cut off", failure);
        }
        catch (OperationCanceledException slow) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw Away($"no answer within {Patience.TotalSeconds} seconds", slow);
        }
    }

    public void Dispose() => _http.Dispose();

    private WitnessAnswer Read(HttpStatusCode status, string? type, string body, SignedNote checkpoint) => status switch
    {
        HttpStatusCode.OK when WitnessProtocol.ReadLines(checkpoint, body) is { } lines => new WitnessAnswer.Cosigned(lines),
        HttpStatusCode.Conflict when type == WitnessProtocol.SizeType && WitnessProtocol.ReadSize(body) is { } size => new WitnessAnswer.HasSeen(size),
        HttpStatusCode.UnprocessableEntity => new WitnessAnswer.Unproved(),
        HttpStatusCode.NotFound or HttpStatusCode.Forbidden => new WitnessAnswer.Unknown((int)status),
        _ => throw Away($"another answer, with status {(int)status}", null),
    };

    private async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[BodyLimit + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return length <= BodyLimit ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : throw Away("an answer that is too long", null);
    }

    private OutsideException Away(string found, Exception? failure) => new(
        new Reason("witness.away", "An outside witness answers.", $"an answer of {key.Name}", found, "It is shown the ledger again by itself."), failure);
}
