using System.Reflection;
using Maestro.Connection;

namespace Maestro.Client;

/// <summary>A silo whose grains answer as a test says, and remember what they were asked.</summary>
internal sealed class SpokenSilo : ISiloConnector
{
    private readonly Dictionary<(Type, string), object> _grains = [];

    public List<string> Asked { get; } = [];

    /// <summary>Says how the grain with this key answers one method.</summary>
    public SpokenSilo With<T>(string key, string method, Func<object?[], object?> answer) where T : class, IGrainWithStringKey
    {
        if (!_grains.TryGetValue((typeof(T), key), out var grain))
        {
            grain = DispatchProxy.Create<T, SpokenGrain>();
            ((SpokenGrain)grain).Asked = asked => Asked.Add($"{key} {asked}");
            _grains.Add((typeof(T), key), grain);
        }
        ((SpokenGrain)grain).Answers[method] = answer;
        return this;
    }

    public Task<ISilo> ConnectAsync(string folder, CancellationToken cancellation) => Task.FromResult<ISilo>(new Connection(_grains));

    private sealed class Connection(Dictionary<(Type, string), object> grains) : ISilo
    {
        public T Grain<T>(string key) where T : IGrainWithStringKey => grains.TryGetValue((typeof(T), key), out var grain)
            ? (T)grain
            : throw new InvalidOperationException($"The test says nothing of {typeof(T).Name} {key}.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A grain that answers as a test says.</summary>
public class SpokenGrain : DispatchProxy
{
    internal Dictionary<string, Func<object?[], object?>> Answers { get; } = [];

    internal Action<string> Asked { get; set; } = _ => { };

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var name = targetMethod?.Name ?? "";
        Asked(name);
        return Answers.TryGetValue(name, out var answer) ? answer(args ?? []) : throw new InvalidOperationException($"The test has no answer to {name}.");
    }
}
