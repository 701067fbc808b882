using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Maestro.Outside.Infrastructure;

/// <summary>The ports that an administrator registered for an environment. A declared port must be one of them.</summary>
internal interface IRegisteredPorts
{
    /// <summary>The ports, 1 to 65535; empty where none is registered.</summary>
    Task<ImmutableArray<int>> ReadAsync(EnvironmentKey environment, CancellationToken cancellation);
}

/// <summary>Registered ports as they stand in the configuration.</summary>
internal sealed class RegisteredPorts(IReadOnlyDictionary<EnvironmentKey, ImmutableArray<int>> ports) : IRegisteredPorts
{
    private readonly FrozenDictionary<EnvironmentKey, ImmutableArray<int>> _ports = ports.ToFrozenDictionary();

    public Task<ImmutableArray<int>> ReadAsync(EnvironmentKey environment, CancellationToken cancellation) =>
        Task.FromResult(_ports.GetValueOrDefault(environment, []));
}
