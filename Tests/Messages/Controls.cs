using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>Which control of a silo is waived at the moment; none, unless a counter-test waives one.</summary>
internal sealed class Controls
{
    /// <summary>The code of the one comparison of messages that refuses nothing.</summary>
    public string? Waived { get; set; }

    /// <summary>Every signature is believed.</summary>
    public bool Believes { get; set; }

    /// <summary>Every answer is awaited.</summary>
    public bool AwaitsAll { get; set; }

    /// <summary>Nonces are remembered in the receivers' memory only.</summary>
    public bool Forgets { get; set; }

    public void Restore() => (Waived, Believes, AwaitsAll, Forgets) = (null, false, false, false);

    public string TypeOf(Envelope envelope) => Waived == MessageRefusal.TypeCode ? envelope.PayloadType : StatementTypes.Payload;

    public void Check(IBoundMessage message, MessageExpectation expected, DateTimeOffset now, NonceMemory nonces)
    {
        try
        {
            MessageCheck.Check(message, expected, now, nonces);
        }
        catch (RefusedException refusal) when (refusal.Reason.Code == Waived)
        {
            // As if this one comparison were not made.
        }
    }

    public AnswerPlace Place(Progress progress, AgentAnswer answer) => AwaitsAll ? new(true, null) : AnswerPlace.Of(progress, answer);
}

/// <summary>A real keyring, unless every signature is believed.</summary>
internal sealed class WaivedKeyring(IKeyring keyring, Controls controls) : IKeyring
{
    public byte[] Sign(Role role, ReadOnlySpan<byte> message) => keyring.Sign(role, message);

    public byte[] PublicKeyOf(Role role) => keyring.PublicKeyOf(role);

    public ImmutableArray<RegisteredKey> KeysOf(Role role) => keyring.KeysOf(role);

    // Of a key that was revoked, too.
    public RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => controls.Believes
        ? (keyring.SignerOf(role, message, signature) ?? keyring.KeysOf(role)[0]) with { RevokedSince = null }
        : keyring.SignerOf(role, message, signature);

    public bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        controls.Believes || keyring.Verify(role, message, signature);

    public bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        keyring.VerifyPerson(person, message, signature);
}

/// <summary>The silo's own nonces, unless they are forgotten, or replays are waived.</summary>
internal sealed class WaivedNonces(INonceStore nonces, Controls controls) : INonceStore
{
    public Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until) =>
        controls.Forgets || controls.Waived == MessageRefusal.ReplayedCode ? Task.FromResult(true) : nonces.UseAsync(receiver, nonce, until);

    public Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation) => nonces.ForgetAsync(before, count, cancellation);
}

/// <summary>Lets the queues of answers be full for as long as it is told to, and counts what they turned away.</summary>
internal sealed class FullQueues : IIncomingGrainCallFilter
{
    private int _turnedAway;

    public bool AreFull { get; set; }

    public int TurnedAway => Volatile.Read(ref _turnedAway);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (AreFull && context.InterfaceMethod?.Name == nameof(Streams.IQueueGrain.PutAsync)
            && context.Request.GetArgument(0) is Streams.QueueMessage message && message.StreamId.GetNamespace() == Channels.Answers)
        {
            Interlocked.Increment(ref _turnedAway);
            context.Result = false;
            return Task.CompletedTask;
        }
        return context.Invoke();
    }
}

/// <summary>A reviewer that counts how often it is asked, and never answers where it is told to.</summary>
internal sealed class CountedReviewer : IReviewer
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public bool Hangs { get; set; }

    public async Task<ChangeReviewed> ReviewAsync(Comparison comparison, System.Collections.Immutable.ImmutableArray<string> sensitivePaths,
        CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        return new(Verdict.Approve, "a test", false, 1, []);
    }
}
