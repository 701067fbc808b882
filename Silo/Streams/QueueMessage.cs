using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Maestro.Streams;

/// <summary>What was published at once. It carries no caller's identity: a message is believed for its signature only.</summary>
[GenerateSerializer, Immutable, Alias("maestro.queue-message")]
internal sealed record QueueMessage([property: Id(0)] StreamId StreamId, [property: Id(1)] List<object> Items) : IBatchContainer
{
    [Id(2)] public EventSequenceTokenV2? Token { get; init; }

    /// <summary>It was handed to a receiver that is gone.</summary>
    [Id(3)] public bool IsAgain { get; init; }

    public StreamSequenceToken SequenceToken => Token!;

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() =>
        Items.OfType<T>().Select((item, index) => Tuple.Create<T, StreamSequenceToken>(item, Token!.CreateSequenceTokenForEvent(index)));

    public bool ImportRequestContext() => false;
}
