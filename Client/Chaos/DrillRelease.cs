using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Maestro.Chaos;

/// <summary>
/// What a drill delivers: a server small enough to be started hundreds of times. Its <c>settings.txt</c> says which version it is, and which
/// file makes it unwell in production once it is there.
/// </summary>
internal static class DrillRelease
{
    public const string Verb = "drill-release";
    public const string Settings = "settings.txt";
    private const int LongestRequest = 4096;

    public static async Task<int> RunAsync()
    {
        var settings = (await File.ReadAllLinesAsync(Settings)).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
        var production = Environment.GetEnvironmentVariable("MAESTRO_ENVIRONMENT") == "production";
        using var listener = new TcpListener(IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable("PORT")!, CultureInfo.InvariantCulture));
        listener.Start();
        while (true)
        {
            var well = !production || !settings.TryGetValue("bad-when", out var file) || !File.Exists(file);
            _ = AnswerAsync(await listener.AcceptTcpClientAsync(), well, settings["version"]);
        }
    }

    private static async Task AnswerAsync(TcpClient client, bool well, string version)
    {
        using (client)
        {
            try
            {
                var request = new byte[LongestRequest];
                var read = await client.GetStream().ReadAsync(request);
                var health = Encoding.ASCII.GetString(request, 0, read).Contains("/healthz", StringComparison.Ordinal);
                var body = health ? well ? "ok" : "unwell" : $"version {version}";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {(well ? "200 OK" : "500 Unwell")}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                // Whoever asked did not wait.
            }
        }
    }
}
