using System.Collections.Immutable;

namespace Maestro.Identity;

/// <summary>
/// Who makes a call. Within this process it goes along as this very object, which only the process itself can have made; where a call leaves the
/// process it is serialized as a signed token, and what comes from there is only as good as its signature.
/// </summary>
[Immutable]
public sealed class CallStamp
{
    private readonly Lazy<(string Text, string? Nonce)> _sent;
    private int _used;

    /// <summary>One that came from outside, as a token.</summary>
    public CallStamp(string text) => _sent = new((text, null));

    /// <param name="attest">Gives the signature, or the seals, over what it is given.</param>
    internal CallStamp(Func<byte[], string> attest, LocalCall call, TimeProvider time, Func<string?> arguments)
    {
        Local = call;
        _sent = new(() =>
        {
            var token = CallTokens.Fresh(call.Subject, call.Audience, call.Target.ToString(), call.Chain, call.Deployment, time, arguments());
            return (CallTokens.Attest(attest, token), token.Nonce);
        });
    }

    /// <summary>The token, made when it is first asked for.</summary>
    public string Text => _sent.Value.Text;

    /// <summary>The nonce of the token that was sealed for another process, which must seal its answer; null where this process took the call.</summary>
    internal string? SealedNonce => _sent.IsValueCreated && Volatile.Read(ref _used) == 0 && _sent.Value.Text.Contains('~', StringComparison.Ordinal)
        ? _sent.Value.Nonce
        : null;

    /// <summary>What this process itself said of the call; null where somebody else did.</summary>
    internal LocalCall? Local { get; }

    /// <summary>True once.</summary>
    internal bool TryUse() => Interlocked.Exchange(ref _used, 1) == 0;
}

/// <summary>A call within this process.</summary>
/// <param name="IssuedAt">It is good for <see cref="CallToken.LongestLife"/> from here on.</param>
internal sealed record LocalCall(
    string Subject, string Audience, GrainId Target, ImmutableArray<string> Chain, string? Deployment, DateTimeOffset IssuedAt);

/// <summary>What of a stamp crosses to another process.</summary>
[GenerateSerializer, Alias("maestro.call-stamp")]
public record struct SentStamp
{
    [Id(0)]
    public string Text { get; set; }
}

/// <summary>Signs a stamp where it leaves the process. What comes back from there is never one of this process.</summary>
[RegisterConverter]
public sealed class CallStampForm : IConverter<CallStamp, SentStamp>
{
    public CallStamp ConvertFromSurrogate(in SentStamp surrogate) => new(surrogate.Text);

    public SentStamp ConvertToSurrogate(in CallStamp value) => new() { Text = value.Text };
}
