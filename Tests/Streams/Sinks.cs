using System.Collections.Concurrent;
using Maestro.Identity;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Maestro.Streams;

/// <summary>A subscriber that remembers what reached it. One whose key begins with <c>bad</c> throws at everything.</summary>
[ActsAs(Role.Control), GrainType("tests-sink"), ImplicitStreamSubscription(Namespace)]
public sealed class SinkGrain : Grain, IGrainWithStringKey, IStreamSubscriptionObserver, IAsyncObserver<int>
{
    public const string Namespace = "sinks";

    private static readonly ConcurrentDictionary<string, ConcurrentQueue<int>> All = new(StringComparer.Ordinal);

    public static ConcurrentQueue<int> Of(string key) => All.GetOrAdd(key, _ => new());

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<int>().ResumeAsync(this);

    public Task OnNextAsync(int item, StreamSequenceToken? token = null)
    {
        Of(this.GetPrimaryKeyString()).Enqueue(item);
        return this.GetPrimaryKeyString().StartsWith("bad", StringComparison.Ordinal)
            ? throw new InvalidOperationException("A subscriber with a defect.")
            : Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
