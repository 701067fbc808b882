using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Maestro.Hosting;
using Maestro.Inbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bench;

/// <summary>Signed webhooks of 4 KB over HTTP, each answered once it is durable, beside single-row inserts of 4 KB by pgbench.</summary>
internal sealed class WebhooksBenchmark : IBenchmark
{
    private const int Bytes = 4096;
    private static readonly int[] Senders = [1, 32, 128];

    public string Name => "webhooks";

    public string About => "signed webhooks of 4 KB a second, answered once durable";

    public async IAsyncEnumerable<Measurement> RunAsync(
        BenchPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var (file, port) = (place.In("webhook.secret"), Ports.Free());
        await File.WriteAllBytesAsync(file, secret, cancellation);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var pgbench = new Pgbench(await place.DatabaseAsync(cancellation), place.In(""));
        await pgbench.PrepareAsync(cancellation);
        await using var silo = await place.SiloAsync("webhooks", await place.DatabaseAsync(cancellation), Replace,
            new(port, ImmutableDictionary<string, string>.Empty.Add(WebhookSettings.OnlySource, file)));
        using var sender = new Sender(port, secret, Bytes);
        var paces = Senders.ToDictionary(count => count, _ => new List<Pace>());
        var matched = Senders.ToDictionary(count => count, _ => new List<double>());
        for (var round = 0; round < place.Rounds; round++)
        {
            foreach (var count in Senders)
            {
                matched[count].Add(await pgbench.HooksAsync(Math.Min(count, 32), place.Each, cancellation));
                paces[count].Add(await Crowd.RunAsync(count, place.Each, _ => sender.SendAsync(cancellation), cancellation));
            }
        }
        foreach (var count in Senders)
        {
            var pace = Pace.Middle(paces[count]);
            yield return new(FormattableString.Invariant($"webhooks/{count}"), pace.PerSecond, "1/s",
                new(FormattableString.Invariant($"pgbench, {Math.Min(count, 32)} clients"), Pace.Middle(matched[count])), count == 1 ? null : Asked.Times(1.5));
            yield return new(FormattableString.Invariant($"webhooks/{count} p99"), pace.P99, "ms");
        }
    }

    // Nobody hands them on: what is measured is taking them in.
    private static void Replace(IServiceCollection services)
    {
        BenchSilo.Quiet(services);
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(InboxDrain)));
    }

    /// <summary>Sends deliveries, each under an id of its own.</summary>
    private sealed class Sender(int port, byte[] secret, int bytes) : IDisposable
    {
        private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false });
        private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/webhooks/generic"));
        private readonly string _filling = new('x', bytes - 120);

        public async Task SendAsync(CancellationToken cancellation)
        {
            var id = Guid.NewGuid().ToString("N");
            var body = Encoding.UTF8.GetBytes(
                $$"""{"action":"updated","application":"shop","head":"change","base":"main","delivery":"{{id}}","filling":"{{_filling}}"}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
            request.Headers.Add(WebhookEndpoint.EventHeader, "pull_request");
            request.Headers.Add(WebhookEndpoint.DeliveryHeader, id);
            request.Headers.Add("X-Maestro-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(secret, body))}");
            using var response = await _client.SendAsync(request, cancellation);
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                throw new InvalidOperationException($"A webhook was answered with {(int)response.StatusCode}.");
            }
            await response.Content.CopyToAsync(Stream.Null, cancellation);
        }

        public void Dispose() => _client.Dispose();
    }
}
