using Orleans.Storage;

namespace Maestro.Environments;

/// <summary>A grain storage that refuses to write, or to do anything, while it is told to.</summary>
internal sealed class FailingStorage(IGrainStorage inner) : IGrainStorage
{
    public volatile bool WritesFail;
    public volatile bool ReadsFail;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadsFail ? throw new IOException("The storage cannot be read.") : inner.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WritesFail ? throw new IOException("The storage cannot be written.") : inner.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
}
