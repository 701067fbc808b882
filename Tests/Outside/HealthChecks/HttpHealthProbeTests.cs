using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Maestro.Environments;

namespace Maestro.Outside.HealthChecks;

/// <summary>The probe against sockets that answer as they are told.</summary>
public sealed class HttpHealthProbeTests : IDisposable
{
    private readonly HttpHealthProbe _probe = new(new HttpHealthProbeOptions(TimeSpan.FromSeconds(20)), TimeProvider.System);

    public void Dispose() => _probe.Dispose();

    [Fact]
    public async Task The_expected_status_and_text_are_healthy()
    {
        await using var server = new Answering("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world");
        Assert.Equal(new Health(true, ""), await CheckAsync(server.Address, Check("/health", 200, "o wo")));
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", "answered 503, expected 200")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbye", "without the expected text")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbye", "broke off")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP")]
    [InlineData("", "did not answer")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "answered 302")]
    public async Task Any_other_answer_is_unhealthy(string answer, string found)
    {
        await using var server = new Answering(answer);
        var health = await CheckAsync(server.Address, Check("/health", 200, "hello"));
        Assert.False(health.Healthy);
        Assert.Contains(found, health.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_in_time_is_unhealthy_whether_headers_or_body_are_late()
    {
        using var hasty = new HttpHealthProbe(new HttpHealthProbeOptions(TimeSpan.FromMilliseconds(700)), TimeProvider.System);
        foreach (var answer in new[] { null, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe" })
        {
            await using var server = new Answering(answer, stays: true);
            var began = Stopwatch.GetTimestamp();
            var health = await hasty.CheckAsync(server.Address, [Check("/", 200, "hello")], TestContext.Current.CancellationToken);
            Assert.Contains("did not answer within", health.Found, StringComparison.Ordinal);
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task A_body_without_end_is_read_up_to_its_limit_only()
    {
        await using var server = new Answering("HTTP/1.1 200 OK\r\n\r\n" + new string('x', 70_000) + "hello", stays: true);
        Assert.Contains("without the expected text", (await CheckAsync(server.Address, Check("/", 200, "hello"))).Found,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_unhealthy_and_the_next_check_finds_who_came_back()
    {
        var address = new Uri("http://127.0.0.1:1/");
        Assert.Contains("nobody listens", (await CheckAsync(address, Check("/", 200, null))).Found, StringComparison.Ordinal);
        await using var server = new Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Assert.True((await CheckAsync(server.Address, Check("/", 200, null))).Healthy);
        Assert.True((await CheckAsync(server.Address, Check("/", 200, null))).Healthy);
        Assert.Equal(2, server.Connections);
    }

    [Theory]
    [InlineData("http://192.0.2.1/", "/")]
    [InlineData("https://127.0.0.1/", "/")]
    [InlineData("file:///etc/passwd", "/")]
    [InlineData("http://127.0.0.1:1/", "//example.org/")]
    [InlineData("http://127.0.0.1:1/", "http://example.org/")]
    [InlineData("http://127.0.0.1:1/", "\\\\example.org\\")]
    [InlineData("http://127.0.0.1:1/", "")]
    public async Task Any_other_place_is_not_asked(string address, string path) =>
        Assert.Contains("may be asked", (await CheckAsync(new Uri(address), Check(path, 200, null))).Found, StringComparison.Ordinal);

    [Fact]
    public async Task With_the_loopback_rule_off_another_place_is_asked()
    {
        using var open = new HttpHealthProbe(new HttpHealthProbeOptions(TimeSpan.FromMilliseconds(200), LoopbackOnly: false),
            TimeProvider.System);
        var health = await open.CheckAsync(new Uri("http://192.0.2.1/"), [Check("/", 200, null)], TestContext.Current.CancellationToken);
        Assert.DoesNotContain("may be asked", health.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_check_at_all_is_not_healthy() => Assert.False((await CheckAsync(new Uri("http://127.0.0.1:1/"))).Healthy);

    private Task<Health> CheckAsync(Uri address, params ImmutableArray<HealthCheck> checks) =>
        _probe.CheckAsync(address, checks, TestContext.Current.CancellationToken);

    private static HealthCheck Check(string path, int status, string? body) =>
        new(path, status, body, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <summary>A socket that gives the same bytes to everybody who asks.</summary>
    private sealed class Answering : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly Task _serving;

        public Answering(string? answer, bool stays = false)
        {
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
            _serving = ServeAsync(answer, stays);
        }

        public Uri Address { get; }

        public int Connections { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Stop();
            await _serving;
            _end.Dispose();
            _listener.Dispose();
        }

        private async Task ServeAsync(string? answer, bool stays)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                    Connections++;
                    var stream = client.GetStream();
                    _ = await stream.ReadAsync(new byte[4096], _end.Token);
                    if (answer is not null)
                    {
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
                    }
                    if (stays)
                    {
                        _ = await stream.ReadAsync(new byte[1], _end.Token);
                    }
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }
}
