using System.Collections.Concurrent;
using Maestro.Hosting;
using Maestro.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Maestro.Streams;

/// <summary>A silo with the woken streams and nothing else, which counts how often its queues are asked.</summary>
internal sealed class StreamSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ConcurrentDictionary<(GrainId Queue, ActivationId Activation), byte> _readActivations = [];
    private int _takes;
    private int _cut;

    private StreamSilo()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(Ports.Free(), Ports.Free());
            silo.AddWokenStreams();
            silo.AddIncomingGrainCallFilter(async context =>
            {
                if (context.InterfaceMethod?.Name == nameof(IQueueGrain.TakeAsync))
                {
                    Interlocked.Increment(ref _takes);
                    _readActivations.TryAdd((context.TargetId, context.TargetContext.ActivationId), 0);
                    await context.Invoke();
                    if (context.Request.GetArgument(3) is CancellationToken { IsCancellationRequested: true })
                    {
                        Interlocked.Increment(ref _cut);
                    }
                    return;
                }
                if (QueuesAreFull && context.InterfaceMethod?.Name == nameof(IQueueGrain.PutAsync))
                {
                    context.Result = false;
                    return;
                }
                await context.Invoke();
            });
        });
        _host = builder.Build();
    }

    /// <summary>How often queues were asked for messages.</summary>
    public int Takes => Volatile.Read(ref _takes);

    /// <summary>How often each queue that was read has been made anew.</summary>
    public IReadOnlyCollection<int> Renewals => [.. _readActivations.Keys.GroupBy(read => read.Queue).Select(queue => queue.Count() - 1)];

    /// <summary>A queue that no receiver of the silo reads.</summary>
    public IQueueGrain UnreadQueue => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IQueueGrain>("queue/unread/0");

    /// <summary>How often a queue was told to wait no longer.</summary>
    public int Cut => Volatile.Read(ref _cut);

    /// <summary>Every queue says that it is full.</summary>
    public bool QueuesAreFull { get; set; }

    public WokenQueues Queues => new(
        Channels.Provider, _host.Services.GetRequiredService<IGrainFactory>(), _host.Services.GetRequiredService<ILoggerFactory>());

    public static async Task<StreamSilo> StartAsync()
    {
        var silo = new StreamSilo();
        await silo._host.StartAsync(TestContext.Current.CancellationToken);
        return silo;
    }

    public Task PublishAsync(string key, int item) => _host.Services.GetRequiredKeyedService<IStreamProvider>(Channels.Provider)
        .GetStream<int>(StreamId.Create(SinkGrain.Namespace, key)).OnNextAsync(item);

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
