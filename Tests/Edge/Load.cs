using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Edge;

/// <summary>
/// Users who do not wait for each other: 500 requests a second, a twentieth of them a second long,
/// a fifth POST with a body. Nothing is retried.
/// </summary>
internal sealed class Load(Uri front, HttpClient users)
{
    private const int Rate = 500;

    public ConcurrentQueue<string> Failures { get; } = new();

    public ConcurrentQueue<int> Sent { get; } = new();

    public async Task RunAsync(TimeSpan duration)
    {
        var requests = new List<Task>();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < duration)
        {
            for (var due = (int)(elapsed.TotalSeconds * Rate); requests.Count < due;)
            {
                var number = requests.Count;
                requests.Add(Task.Run(() => VisitAsync(number, number % 20 == 0 ? 1000 : 0), TestContext.Current.CancellationToken));
            }
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        await Task.WhenAll(requests);
    }

    public async Task VisitAsync(int number, int milliseconds)
    {
        Sent.Enqueue(number);
        var size = number % 5 == 1 ? 500 + number % 20_000 : 0;
        var address = new Uri(front, $"{number}?ms={milliseconds}");
        using var request = new HttpRequestMessage(size > 0 ? HttpMethod.Post : HttpMethod.Get, address);
        request.Content = size > 0 ? new ByteArrayContent(new byte[size]) : null;
        try
        {
            using var response = await users.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (!response.IsSuccessStatusCode || !body.EndsWith($" {number} {size}", StringComparison.Ordinal))
            {
                Failures.Enqueue($"{number}: {(int)response.StatusCode} {body}");
            }
        }
        catch (HttpRequestException e)
        {
            Failures.Enqueue($"{number}: {e.Message}");
        }
    }
}
