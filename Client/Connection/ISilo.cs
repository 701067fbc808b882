namespace Maestro.Connection;

/// <summary>A running silo, as the commands see it: grains by their keys.</summary>
internal interface ISilo : IAsyncDisposable
{
    T Grain<T>(string key) where T : IGrainWithStringKey;
}

/// <summary>Finds the silo of a data folder.</summary>
internal interface ISiloConnector
{
    /// <exception cref="SentenceException">No silo answers.</exception>
    Task<ISilo> ConnectAsync(string folder, CancellationToken cancellation);
}
