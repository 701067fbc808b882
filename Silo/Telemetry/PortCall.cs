using System.Diagnostics;
using System.Reflection;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Telemetry;

/// <summary>One operation of a port: its names, and how to wait for its end.</summary>
/// <param name="Watch">Tells the end of what the method returned, and returns the same to its caller.</param>
internal sealed record PortCall(string Port, string Operation, string SpanName, Func<object?, PortTelling, object?> Watch)
{
    private static readonly MethodInfo WatchResult = typeof(PortCall).GetMethod(nameof(WatchResultAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static PortCall Of(string port, MethodInfo method)
    {
        var operation = method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name;
        return new(port, operation, $"{port} {operation}", WatchOf(method.ReturnType));
    }

    public PortTelling Begin() => new(this, Traces.Source.StartActivity(SpanName, ActivityKind.Client));

    private static Func<object?, PortTelling, object?> WatchOf(Type type) =>
        type == typeof(Task) ? (result, telling) => WatchAsync((Task)result!, telling)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)
            ? WatchResult.MakeGenericMethod(type.GetGenericArguments()).CreateDelegate<Func<object?, PortTelling, object?>>()
        : WatchNothing;

    private static object? WatchNothing(object? result, PortTelling telling)
    {
        telling.End(null);
        return result;
    }

    private static async Task WatchAsync(Task task, PortTelling telling)
    {
        try
        {
            await task;
            telling.End(null);
        }
        catch (Exception failure)
        {
            telling.End(failure);
            throw;
        }
    }

    private static async Task<T> WatchResultAsync<T>(object? result, PortTelling telling)
    {
        var task = (Task<T>)result!;
        await WatchAsync(task, telling);
        return await task;
    }
}

/// <summary>One call under way.</summary>
internal sealed class PortTelling(PortCall call, Activity? span)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    public void End(Exception? failure)
    {
        var outcome = failure switch
        {
            null => "ok",
            RefusedException => "refused",
            OutsideException => "broke",
            OperationCanceledException => "cancelled",
            _ => "fault",
        };
        Instruments.OutsideDuration.Record(
            Stopwatch.GetElapsedTime(_began).TotalSeconds, new KeyValuePair<string, object?>("port", call.Port), new("operation", call.Operation),
            new("outcome", outcome));
        if (failure is not null)
        {
            var code = failure switch
            {
                RefusedException refused => Bounded.Codes.Of(refused.Reason.Code),
                OutsideException broken => Bounded.Codes.Of(broken.Reason.Code),
                _ => outcome,
            };
            span?.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error);
        }
        span?.SetTag("maestro.port", call.Port).SetTag("maestro.operation", call.Operation).SetTag("maestro.outcome", outcome);
        span?.Dispose();
    }
}
