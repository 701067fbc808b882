using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Applications;

[GenerateSerializer, Alias("maestro.applications-state")]
internal sealed class ApplicationsState
{
    [Id(0)] public Dictionary<string, Application> Applications { get; } = [];
}

/// <inheritdoc cref="IApplicationsGrain"/>
[ActsAs(Role.Control), GrainType("applications")]
internal sealed class ApplicationsGrain(
    [PersistentState("applications", "maestro")] IPersistentState<ApplicationsState> state, IGrainFactory grains, TimeProvider time) : Grain, IApplicationsGrain
{
    public async Task AddAsync(Application application)
    {
        if (Registration.FindFault(application, state.State.Applications.Values) is { } fault)
        {
            throw new RefusedException(fault);
        }
        state.State.Applications[application.Name] = application;
        await state.WriteStateAsync();
        await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
            $"application/{application.Name}/{Messages.Nonce.Fresh()}", time.GetUtcNow(), "application.registered", Caller.Current?.Initiator
                ?? "", $"app/{application.Name}",
            JsonSerializer.Serialize(new { application = Digest.Of(JsonSerializer.SerializeToUtf8Bytes(application)).Hex })));
    }

    public Task<ApplicationList> ListAsync() =>
        Task.FromResult(new ApplicationList([.. state.State.Applications.Values.OrderBy(application => application.Name, StringComparer.Ordinal)]));

    public Task<Application?> FindAsync(string name) => Task.FromResult(state.State.Applications.GetValueOrDefault(name));
}
