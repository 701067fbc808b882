using System.Security.Cryptography;
using Maestro.Identity;

namespace Maestro.Bench;

/// <inheritdoc cref="IPlainGrain"/>
[ActsAs(Role.None), GrainType("bench-plain")]
internal sealed class PlainGrain([PersistentState("bench-plain", "bench")] IPersistentState<PlainState> state) : Grain, IPlainGrain
{
    public Task StepAsync()
    {
        state.State.Step++;
        RandomNumberGenerator.Fill(state.State.Bytes);
        return state.WriteStateAsync();
    }
}

/// <summary>A state of the size that a deployment's head has.</summary>
[GenerateSerializer, Alias("maestro.bench.plain-state")]
internal sealed class PlainState
{
    private const int Size = 1500;

    [Id(0)]
    public int Step { get; set; }

    [Id(1)]
    public byte[] Bytes { get; set; } = new byte[Size];
}
