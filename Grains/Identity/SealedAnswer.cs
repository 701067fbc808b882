using System.Collections.Immutable;
using System.Text;
using Orleans.Serialization.Invocation;

namespace Maestro.Identity;

/// <summary>
/// An answer to a call between silos, sealed by whoever has the role that was called. Orleans takes an answer from whichever silo a grain was placed
/// on, and that placement is not protected.
/// </summary>
/// <param name="body">The answer as Orleans serializes it.</param>
/// <param name="seals">See <see cref="ICallSeals"/>, over <see cref="Message"/>.</param>
[GenerateSerializer, Immutable, Alias("maestro.sealed-answer")]
public sealed class SealedAnswer(ImmutableArray<byte> body, string seals) : Response
{
    [Id(0)]
    public ImmutableArray<byte> Body { get; private set; } = body;

    [Id(1)]
    public string Seals { get; private set; } = seals;

    /// <summary>Nothing: what it says counts only once it is opened.</summary>
    public override object? Result
    {
        get => null;
        set => throw new NotSupportedException();
    }

    public override Exception? Exception
    {
        get => null;
        set => throw new NotSupportedException();
    }

    /// <summary>What is sealed: the answer to this very call.</summary>
    public static byte[] Message(string nonce, ReadOnlySpan<byte> body) => [.. Encoding.ASCII.GetBytes($"maestro.answer/v1\n{nonce}\n"), .. body];

    public override T GetResult<T>() => throw new InvalidOperationException("A sealed answer was used before it was opened.");

    public override void Dispose()
    {
    }
}
