using Orleans.Streams;

namespace Maestro.Identity;

/// <summary>A grain to be called in every way there is.</summary>
[Alias("maestro.tests.IProbeGrain")]
public interface IProbeGrain : IProbeBase
{
    [Admits(Role.Viewer), Alias("LookAsync")]
    Task<string> LookAsync();

    [Admits(Role.Sre), Alias("ActAsync")]
    Task<string> ActAsync();

    [Admits(Role.Sre), StepUp, Alias("GuardAsync")]
    Task<string> GuardAsync();

    [Alias("UnnamedAsync")]
    Task<string> UnnamedAsync();

    /// <summary>Calls the other probe, which admits the deployment role only.</summary>
    [Admits(Role.Viewer), Alias("RelayAsync")]
    Task<string> RelayAsync();

    [Admits(Role.Viewer), Alias("ArmAsync")]
    Task ArmAsync();

    /// <summary>What timer, reminder and stream have left behind.</summary>
    [Admits(Role.Viewer), Alias("TracesAsync")]
    Task<IReadOnlyList<string>> TracesAsync();

    [Admits(Role.Viewer), Alias("PublishAsync")]
    Task PublishAsync(string text);

    [Admits(Role.Viewer), Alias("CountAsync")]
    IAsyncEnumerable<int> CountAsync();
}

[Alias("maestro.tests.IProbeBase")]
public interface IProbeBase : IGrainWithStringKey
{
    [Admits(Role.Viewer), Alias("InheritedAsync")]
    Task<string> InheritedAsync();
}

/// <summary>A grain that admits agents only.</summary>
[Alias("maestro.tests.IInnerGrain")]
public interface IInnerGrain : IGrainWithStringKey
{
    [Admits(Role.Deployment), Alias("WhoAsync")]
    Task<string> WhoAsync();

    [Admits(Role.Gateway), Alias("GateAsync")]
    Task<string> GateAsync();
}

[ActsAs(Role.Deployment), ImplicitStreamSubscription("probes")]
public sealed class ProbeGrain : Grain, IProbeGrain, IRemindable, IAsyncObserver<string>
{
    private readonly List<string> _traces = [];

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        await this.GetStreamProvider("memory").GetStream<string>("probes", this.GetPrimaryKeyString()).SubscribeAsync(this);

    public Task<string> LookAsync() => Task.FromResult(Told());

    public Task<string> ActAsync() => Task.FromResult(Told());

    public Task<string> GuardAsync() => Task.FromResult(Told());

    public Task<string> UnnamedAsync() => Task.FromResult("called");

    public Task<string> InheritedAsync() => Task.FromResult(Told());

    public async Task<string> RelayAsync() => await Inner.WhoAsync();

    public async Task ArmAsync()
    {
        this.RegisterGrainTimer(
            async () => _traces.Add($"timer as {Told()}: {await Inner.WhoAsync()}"),
            new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan));
        await this.RegisterOrUpdateReminder("probe", TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }

    public Task<IReadOnlyList<string>> TracesAsync() => Task.FromResult<IReadOnlyList<string>>([.. _traces]);

    public async Task PublishAsync(string text) =>
        await this.GetStreamProvider("memory").GetStream<string>("probes", this.GetPrimaryKeyString()).OnNextAsync(text);

    public async IAsyncEnumerable<int> CountAsync()
    {
        yield return await Task.FromResult(1);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status) =>
        _traces.Add($"reminder as {Told()}: {await Inner.WhoAsync()}");

    public async Task OnNextAsync(string item, StreamSequenceToken? token = null) =>
        _traces.Add($"stream as {Told()} {item}: {await Inner.WhoAsync()}");

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private IInnerGrain Inner => GrainFactory.GetGrain<IInnerGrain>("inner/1");

    private static string Told() => Caller.Current is { } caller ? $"{string.Join(">", [.. caller.Chain, caller.Principal])}" : "nobody";
}

[ActsAs(Role.Ledger)]
public sealed class InnerGrain : Grain, IInnerGrain
{
    public Task<string> WhoAsync() => Task.FromResult(
        Caller.Current is { } caller
            ? $"{string.Join(">", [.. caller.Chain, caller.Principal])} for {caller.Deployment ?? "nothing"}"
            : "nobody");

    public Task<string> GateAsync() => WhoAsync();
}
