using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>A gate that lets everybody in, to show that the tests of the real one can fail.</summary>
internal sealed class OpenGate() : LeaseGate(() => throw new InvalidOperationException("Nobody is asked for a key."), TimeProvider.System)
{
    public override void Demand(Envelope? envelope, SwitchUse use)
    {
    }

    public override void Demand(Envelope? envelope, ApplyUse use)
    {
    }
}
