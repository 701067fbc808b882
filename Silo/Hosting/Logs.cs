using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>Where the silo's own log goes: a bounded file in the data folder, and the terminal where it is wanted.</summary>
internal static class Logs
{
    public static void AddLogs(this IHostApplicationBuilder builder, DataFolder data, SiloSettings settings)
    {
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Maestro", LogLevel.Information);
        // Placement is tried again while a silo starts, and a note on garbage collection is no warning to a person.
        builder.Logging.AddFilter("Polly", LogLevel.None).AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        builder.Services.AddSingleton<ILoggerProvider>(services =>
            new FileLog(Path.Combine(data.Path, "silo.log"), services.GetRequiredService<TimeProvider>()));
        if (settings.Verbose)
        {
            builder.Services.AddSingleton<ILoggerProvider>(services =>
                new TerminalLog(Console.Error, services.GetRequiredService<TimeProvider>()));
        }
    }
}

/// <summary>Appends lines to a file and starts a new one when it is full, keeping the one before.</summary>
internal sealed class FileLog(string path, TimeProvider time) : ILoggerProvider
{
    private const long MaxBytes = 16 << 20;
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            try
            {
                if (File.Exists(path) && new FileInfo(path).Length > MaxBytes)
                {
                    File.Move(path, path + ".1", overwrite: true);
                }
                File.AppendAllText(path, line);
            }
            catch (IOException)
            {
                // A log that cannot be written must not stop what it tells of; a full disk shows where it matters.
            }
        }
    }

    private sealed class Category(FileLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write($"{log.Now:O} {logLevel} {name}: {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}\n");
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
