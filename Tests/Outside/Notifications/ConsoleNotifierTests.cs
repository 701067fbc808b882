using System.Text.Json;
using Maestro.Deployments;
using Microsoft.Extensions.Logging;

namespace Maestro.Outside.Notifications;

public sealed class ConsoleNotifierTests : IDisposable
{
    private static readonly Reason Why = new("undo.failed", "It is undone.", "done", "a\nforged line\u202e", "Look at it.");

    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-notes-").FullName;
    private readonly ListLogger _log = new();

    private string Notes => Path.Combine(_folder, "notifications.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_logged_and_kept_on_one_line()
    {
        using var notifier = new ConsoleNotifier(Notes, TimeProvider.System, _log);
        await notifier.NotifyAsync("pr/local/acme/shop/1", Why, TestContext.Current.CancellationToken);
        var line = Assert.Single(await File.ReadAllLinesAsync(Notes, TestContext.Current.CancellationToken));
        using var read = JsonDocument.Parse(line);
        Assert.Equal("undo.failed", read.RootElement.GetProperty("code").GetString());
        var logged = Assert.Single(_log.Lines);
        Assert.Contains("pr/local/acme/shop/1 needs a person", logged, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', logged);
    }

    [Fact]
    public async Task The_file_stays_within_its_limit()
    {
        using var notifier = new ConsoleNotifier(Notes, TimeProvider.System, _log);
        await File.WriteAllTextAsync(Notes, new string('x', ConsoleNotifier.Largest + 1), TestContext.Current.CancellationToken);
        await notifier.NotifyAsync("subject", Why, TestContext.Current.CancellationToken);
        Assert.True(new FileInfo(Notes).Length < 1000);
        Assert.True(File.Exists(Notes + ".1"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_fails_nobody()
    {
        using var notifier = new ConsoleNotifier(Path.Combine(_folder, "none", "file"), TimeProvider.System, _log);
        await notifier.NotifyAsync("subject", Why, TestContext.Current.CancellationToken);
        await notifier.NotifyAsync("subject", Why, new CancellationToken(canceled: true));
        Assert.Equal(3, _log.Lines.Count);
    }

    [Fact]
    public async Task Many_at_once_are_all_kept()
    {
        using var notifier = new ConsoleNotifier(Notes, TimeProvider.System, _log);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            notifier.NotifyAsync("subject", Why, TestContext.Current.CancellationToken)));
        Assert.Equal(20, (await File.ReadAllLinesAsync(Notes, TestContext.Current.CancellationToken)).Length);
    }

    private sealed class ListLogger : ILogger<ConsoleNotifier>
    {
        private readonly Lock _one = new();

        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            lock (_one)
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }
}
