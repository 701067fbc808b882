using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Maestro.Messages;

/// <summary>What a silo warns of in its log, for a test to look at.</summary>
internal sealed class KeptLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => new Category(_lines, categoryName);

    /// <summary>How many lines have all of these in them.</summary>
    public int Count(params string[] parts) => _lines.Count(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));

    public void Dispose()
    {
    }

    private sealed class Category(ConcurrentQueue<string> lines, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && name.StartsWith("Maestro.", StringComparison.Ordinal);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
