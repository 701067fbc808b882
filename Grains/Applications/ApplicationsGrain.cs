using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;

namespace Maestro.Applications;

[GenerateSerializer, Alias("maestro.applications-state")]
internal sealed class ApplicationsState
{
    [Id(0)] public Dictionary<string, Application> Applications { get; } = [];

    /// <summary>What the ledger is still to be told, oldest first.</summary>
    [Id(1)] public List<LedgerFact> Facts { get; } = [];
}

/// <inheritdoc cref="IApplicationsGrain"/>
[ActsAs(Role.Control), GrainType("applications")]
internal sealed class ApplicationsGrain(
    [PersistentState("applications", "maestro")] IPersistentState<ApplicationsState> state, IGrainFactory grains, TimeProvider time) : Grain, IApplicationsGrain
{
    private readonly DurableState<ApplicationsState> _durable = new(state);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(TellAsync, new GrainTimerCreationOptions(FactOutbox.Pace, FactOutbox.Pace));
        return Task.CompletedTask;
    }

    public async Task AddAsync(Application application)
    {
        await TellAsync();
        await _durable.ChangeAsync(known =>
        {
            if (Registration.FindFault(application, known.Applications.Values) is { } fault)
            {
                throw new RefusedException(fault);
            }
            known.Applications[application.Name] = application;
            known.Facts.Keep(FactOf(application));
        });
        await TellAsync();
    }

    public async Task<ApplicationList> ListAsync() =>
        new([.. (await _durable.ReadAsync()).Applications.Values.OrderBy(application => application.Name, StringComparer.Ordinal)]);

    public async Task<Application?> FindAsync(string name) => (await _durable.ReadAsync()).Applications.GetValueOrDefault(name);

    private async Task TellAsync() => await (await _durable.ReadAsync()).Facts.TellAsync(grains);

    private LedgerFact FactOf(Application application) => new(
        $"application/{application.Name}/{Messages.Nonce.Fresh()}", time.GetUtcNow(), "application.registered", Caller.Current?.Initiator ?? "",
        $"app/{application.Name}", JsonSerializer.Serialize(new { application = Digest.Of(JsonSerializer.SerializeToUtf8Bytes(application)).Hex }));
}
