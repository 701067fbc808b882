using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// What a silo says to whoever watches its terminal: Maestro's own sentences, each at most once a minute and without stack traces. What went
/// wrong inside and is tried again is said only once it has lasted, because starting and stopping always look like that for a moment. All of
/// it, with details, is in the log file.
/// </summary>
internal sealed class TerminalLog(TextWriter terminal, TimeProvider time) : ILoggerProvider
{
    public static readonly TimeSpan Lasting = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    /// <summary>A trouble is over once it has not been heard of for longer than anything rests before it is tried again.</summary>
    public static readonly TimeSpan Over = Wakes.LongestRest + Wakes.LongestWake + TimeSpan.FromSeconds(5);

    private const string Own = "Maestro.";

    // Who was refused is told so; the record is the ledger's.
    private const string Denials = "Maestro.Identity.", Refusals = "Maestro.Audit.Refusals";
    private const int Remembered = 1000, LongestLine = 400;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _said = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private void Take(string category, string sentence, bool failed)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if ((!failed || HasLasted(category, now)) && IsNews(sentence, now))
            {
                var more = failed ? ". The reason is in silo.log in the data folder." : "";
                terminal.WriteLine($"{now.ToLocalTime():HH:mm:ss} {new UntrustedText(sentence.ReplaceLineEndings(" ")).Shown(LongestLine)}{more}");
            }
        }
    }

    private bool HasLasted(string category, DateTimeOffset now)
    {
        var trouble = _troubles.TryGetValue(category, out var known) && now - known.Last < Over ? known with { Last = now } : new(now, now);
        _troubles[category] = trouble;
        return now - trouble.First >= Lasting;
    }

    private bool IsNews(string sentence, DateTimeOffset now)
    {
        if (_said.TryGetValue(sentence, out var at) && now - at < Between)
        {
            return false;
        }
        if (_said.Count >= Remembered)
        {
            _said.Clear();
        }
        _said[sentence] = now;
        return true;
    }

    /// <summary>A run of failures of one part.</summary>
    private readonly record struct Trouble(DateTimeOffset First, DateTimeOffset Last);

    private sealed class Category(TerminalLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None
            && (logLevel == LogLevel.Critical || IsOwn(name));

        private static bool IsOwn(string name) =>
            name.StartsWith(Own, StringComparison.Ordinal) && !name.StartsWith(Denials, StringComparison.Ordinal) && name != Refusals;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Take(name, formatter(state, exception), exception is not null);
            }
        }
    }
}
