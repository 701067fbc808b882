using System.Net;
using Maestro.Deployments;
using Maestro.Edge;
using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Inbox;

/// <summary>
/// <c>POST /webhooks/{source}</c> on a loopback port. A delivery is answered with 202 once it is durable, and handed over later: see
/// <see cref="InboxDrain"/>. Nothing of it is looked at before its signature fits.
/// </summary>
internal sealed partial class WebhookEndpoint(
    WebhookSettings settings, WebhookSecrets secrets, IInbox inbox, InboxBell bell, ForgedWebhooks forged, SignatureRule fits, TimeProvider time,
    ILogger<WebhookEndpoint> logger) : IHostedService, IAsyncDisposable
{
    public const string DeliveryHeader = "X-Maestro-Delivery";
    public const string EventHeader = "X-Maestro-Event";
    private const string Folder = "/webhooks/";
    private const string KnownEvent = "pull_request";
    private const int LongestId = 64;
    private const int Connections = 2048;
    private const int AtOnce = 1024;

    // What a chunked body says of its chunks counts there too; the body's own limit is kept here.
    private const int Framing = 64 << 10;
    private static readonly WebhookAnswer Busy = new(StatusCodes.Status503ServiceUnavailable, "The delivery could not be kept now. Send it again.");
    private WebApplication? _server;
    private int _underWay;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Delivery.MostBytes + Framing;
            kestrel.Limits.MaxConcurrentConnections = Connections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(IPAddress.Loopback, settings.Port);
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        _server = builder.Build();
        _server.Run(ServeAsync);
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException failure)
        {
            throw new RefusedException(new Reason("webhook.port", "The port of webhooks is this silo's own.", $"port {settings.Port} to be free",
                failure.Message, "Name another one with --webhook-port."));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context.Request);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (answer.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }
        await context.Response.WriteAsync($"{answer.Sentence}\n");
    }

    private async Task<WebhookAnswer> AnswerAsync(HttpRequest request)
    {
        if (request.Path.Value is not { } path || !path.StartsWith(Folder, StringComparison.Ordinal))
        {
            return new(StatusCodes.Status404NotFound, "Webhooks are sent to /webhooks/SOURCE.");
        }
        if (!HttpMethods.IsPost(request.Method))
        {
            return new(StatusCodes.Status405MethodNotAllowed, "Webhooks are sent with POST.");
        }
        try
        {
            if (Interlocked.Increment(ref _underWay) > AtOnce)
            {
                return Busy;
            }
            return await BodyReader.ReadAsync(request, Delivery.MostBytes) is { } body
                ? await AnswerAsync(request, path[Folder.Length..], body)
                : new(StatusCodes.Status413PayloadTooLarge, $"A body has at most {Delivery.MostBytes} bytes.");
        }
        catch (BadHttpRequestException bad)
        {
            return new(bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"A body has at most {Delivery.MostBytes} bytes." : "The request cannot be read.");
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task<WebhookAnswer> AnswerAsync(HttpRequest request, string source, byte[] body)
    {
        if (!fits(secrets.Of(source), body, request.Headers[WebhookSignature.Header]))
        {
            forged.Note(secrets.Knows(source) ? source : null);
            return new(StatusCodes.Status401Unauthorized, "The signature does not fit.");
        }
        if (request.Headers[DeliveryHeader] is not [{ } id] || !IsId(id))
        {
            return new(StatusCodes.Status400BadRequest, $"{DeliveryHeader} is 1 to {LongestId} letters, digits, dashes, dots and underscores.");
        }
        if (request.Headers[EventHeader] is not [KnownEvent])
        {
            return new(StatusCodes.Status422UnprocessableEntity, $"{EventHeader} is not {KnownEvent}, the only event that is known.");
        }
        return WebhookBody.Read(body, id, out var problem) is { } happened
            ? await KeepAsync(new(source, id, happened, body, time.GetUtcNow()))
            : new(StatusCodes.Status422UnprocessableEntity, problem!);
    }

    private async Task<WebhookAnswer> KeepAsync(Delivery delivery)
    {
        try
        {
            var kept = await inbox.KeepAsync(delivery);
            if (kept is Kept.Now)
            {
                bell.Ring();
            }
            return kept switch
            {
                Kept.Now => new(StatusCodes.Status202Accepted, "Kept."),
                Kept.Before => new(StatusCodes.Status202Accepted, "Kept before."),
                Kept.Other => new(StatusCodes.Status409Conflict, "Another body was delivered under this id."),
                _ => Busy,
            };
        }
        catch (OutsideException failure)
        {
            LogNotKept(failure.Reason.Code);
            return Busy;
        }
    }

    private static bool IsId(string text) =>
        text.Length is > 0 and <= LongestId && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    [LoggerMessage(LogLevel.Warning, "A delivery of a webhook could not be kept, and its sender was told so: {Code}")]
    private partial void LogNotKept(string code);

    private sealed record WebhookAnswer(int Status, string Sentence);
}
