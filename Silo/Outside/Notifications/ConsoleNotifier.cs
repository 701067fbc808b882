using System.Text.Json;
using Maestro.Deployments;
using Microsoft.Extensions.Logging;

namespace Maestro.Outside.Notifications;

/// <summary>
/// Calls people through the log, and keeps what it said in a file of JSON lines that begins anew beyond 1 MiB; the file before is kept as
/// <c>.1</c>. It never fails its caller.
/// </summary>
/// <param name="file">The file, usually <c>notifications.jsonl</c> in the silo's folder.</param>
internal sealed partial class ConsoleNotifier(string file, TimeProvider time, ILogger<ConsoleNotifier> logger) : INotifier, IDisposable
{
    public const int Largest = 1024 * 1024;

    private readonly SemaphoreSlim _one = new(1);

    public Task NotifyAsync(string subject, Reason reason, CancellationToken cancellation) => NotifyAsync("", subject, reason, cancellation);

    public async Task NotifyAsync(string id, string subject, Reason reason, CancellationToken cancellation)
    {
        var shown = new Notification(
            time.GetUtcNow(), Shown(id), Shown(subject), Shown(reason.Code), Shown(reason.Rule), Shown(reason.Expected), Shown(reason.Found),
                Shown(reason.WayOut));
        LogNotification(shown.Subject, shown.Code, shown.Rule, shown.Expected, shown.Found, shown.WayOut);
        try
        {
            await _one.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        try
        {
            var older = new FileInfo(file);
            if (older.Exists && older.Length > Largest)
            {
                File.Move(file, file + ".1", overwrite: true);
            }
            await File.AppendAllTextAsync(file, JsonSerializer.Serialize(shown, JsonSerializerOptions.Web) + "\n", cancellation);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            LogUnwritten(file, refused.GetType().Name);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static string Shown(string text) => new UntrustedText(text).Shown(400);

    [LoggerMessage(LogLevel.Warning, "{Subject} needs a person ({Code}): {Rule} Expected: {Expected}. Found: {Found}. {WayOut}")]
    private partial void LogNotification(string subject, string code, string rule, string expected, string found, string wayOut);

    [LoggerMessage(LogLevel.Error, "A notification was not kept in {File}: {Error}")]
    private partial void LogUnwritten(string file, string error);

    private sealed record Notification(
        DateTimeOffset At, string Id, string Subject, string Code, string Rule, string Expected, string Found, string WayOut);
}
