using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>How an <see cref="OutsideException"/> crosses silos: its reason. What caused it belongs to an adapter that others need not know.</summary>
[GenerateSerializer, Immutable, Alias("maestro.outside-failed")]
public readonly record struct OutsideExceptionForm([property: Id(0)] Reason Reason);

[RegisterConverter]
internal sealed class OutsideExceptionConverter : IConverter<OutsideException, OutsideExceptionForm>
{
    public OutsideException ConvertFromSurrogate(in OutsideExceptionForm surrogate) => new(surrogate.Reason);

    public OutsideExceptionForm ConvertToSurrogate(in OutsideException value) => new(value.Reason);
}
