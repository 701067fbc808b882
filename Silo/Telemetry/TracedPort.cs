using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;

namespace Maestro.Telemetry;

/// <summary>
/// A port with a span and a measurement around every call. It says which operation, how long and how it ended, and nothing of what was in it.
/// </summary>
#pragma warning disable CA1852 // The proxy is a subclass that is made at run time.
internal class TracedPort<TPort> : DispatchProxy
#pragma warning restore CA1852
    where TPort : class
{
    private readonly ConcurrentDictionary<MethodInfo, PortCall> _calls = new();
    private TPort _inner = null!;
    private string _port = null!;

    /// <param name="port">The port's name, one of a few.</param>
    public static TPort Around(TPort inner, string port)
    {
        var proxy = Create<TPort, TracedPort<TPort>>();
        ((TracedPort<TPort>)(object)proxy)._inner = inner;
        ((TracedPort<TPort>)(object)proxy)._port = port;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var call = _calls.GetOrAdd(targetMethod!, method => PortCall.Of(_port, method));
        var current = Activity.Current;
        var telling = call.Begin();
        try
        {
            return call.Watch(targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null), telling);
        }
        catch (Exception failure)
        {
            telling.End(failure);
            throw;
        }
        finally
        {
            // The span is current for the call alone, not for what its caller does next.
            Activity.Current = current;
        }
    }
}
