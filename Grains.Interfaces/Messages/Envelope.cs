using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Maestro.Messages;

/// <summary>A signed message: DSSE 1.0.2, https://github.com/secure-systems-lab/dsse. <c>keyid</c> is a hint and decides nothing.</summary>
[GenerateSerializer, Immutable, Alias("maestro.envelope")]
public sealed record Envelope(
    [property: Id(0), JsonPropertyName("payload")] string Payload,
    [property: Id(1), JsonPropertyName("payloadType")] string PayloadType,
    [property: Id(2), JsonPropertyName("signatures")] ImmutableArray<EnvelopeSignature> Signatures)
{
    /// <summary>The sender's span as W3C writes it; unsigned, so it decides nothing. It is not kept with the evidence.</summary>
    [Id(3), JsonIgnore] public string? TraceParent { get; init; }
}

/// <summary>One signature of an <see cref="Envelope"/>, over its pre-authentication encoding.</summary>
[GenerateSerializer, Immutable, Alias("maestro.envelope-signature")]
public sealed record EnvelopeSignature(
    [property: Id(0), JsonPropertyName("keyid")] string KeyId, [property: Id(1), JsonPropertyName("sig")] string Sig);
