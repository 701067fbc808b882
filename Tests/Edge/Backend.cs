using System.Collections.Concurrent;
using System.Globalization;
using Maestro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Maestro.Edge;

/// <summary>A small real release: it answers <c>/{number}</c> with its name, slowly where asked to, and logs every request.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly string _name;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Backend(string name, int port)
    {
        _name = name;
        Address = new Uri($"http://127.0.0.1:{port}/");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public Uri Address { get; }

    /// <summary>How often each numbered request arrived.</summary>
    public ConcurrentDictionary<int, int> Seen { get; } = new();

    public ConcurrentDictionary<string, string> Headers { get; } = new();

    public static async Task<Backend> StartAsync(string name)
    {
        var backend = new Backend(name, Ports.Free());
        await backend._server.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    /// <summary>Lets the requests to <c>/{number}?hold</c> end.</summary>
    public void Release() => _held.TrySetResult();

    /// <summary>Ends it at once, as kill -9 would: connections break.</summary>
    public Task AbortAsync() => _server.StopAsync(new CancellationToken(canceled: true));

    public Task StopAsync() => _server.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Release();
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var number = int.Parse(context.Request.Path.Value![1..], CultureInfo.InvariantCulture);
        Seen.AddOrUpdate(number, 1, (_, times) => times + 1);
        foreach (var header in context.Request.Headers)
        {
            Headers[header.Key] = header.Value.ToString();
        }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (context.Request.Query.TryGetValue("ms", out var slow))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(int.Parse(slow.ToString(), CultureInfo.InvariantCulture)), TimeProvider.System);
        }
        if (context.Request.Query.ContainsKey("hold"))
        {
            await _held.Task;
        }
        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{_name} {number} {body.Length}"));
    }
}
