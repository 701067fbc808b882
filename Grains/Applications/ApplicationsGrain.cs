using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Rows;
using Microsoft.Extensions.Logging;

namespace Maestro.Applications;

[GenerateSerializer, Alias("maestro.applications-state")]
internal sealed class ApplicationsState : IMarkedRow
{
    public string Mark => JsonSerializer.Serialize(Applications.Values.OrderBy(application => application.Name, StringComparer.Ordinal));

    [Id(0)] public Dictionary<string, Application> Applications { get; } = [];

    /// <summary>What the ledger is still to be told, oldest first.</summary>
    [Id(1)] public List<LedgerFact> Facts { get; } = [];
}

/// <inheritdoc cref="IApplicationsGrain"/>
[ActsAs(Role.Control), GrainType("applications")]
internal sealed class ApplicationsGrain(
    [PersistentState("applications", "maestro")] IPersistentState<ApplicationsState> state, IGrainFactory grains, TimeProvider time,
    ILogger<ApplicationsGrain> logger) : Grain, IApplicationsGrain
{
    private readonly DurableState<ApplicationsState> _durable = new(state);
    private ImmutableSortedDictionary<string, Application> _stored = ViewOf(new());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _stored = ViewOf(state.State);
        this.RegisterGrainTimer(TellAsync, new GrainTimerCreationOptions(FactOutbox.Pace, FactOutbox.Pace));
        return Task.CompletedTask;
    }

    public async Task AddAsync(Application application)
    {
        await TellAsync();
        _stored = await _durable.ChangeAsync(known =>
        {
            if (Registration.FindFault(application, known.Applications.Values) is { } fault)
            {
                throw new RefusedException(fault);
            }
            known.Applications[application.Name] = application;
            known.Facts.Keep(FactOf(application));
            return ViewOf(known);
        });
        await state.State.Facts.TellOrKeepAsync(grains, time, logger);
    }

    public Task<ApplicationList> ListAsync() => Task.FromResult(new ApplicationList([.. _stored.Values]));

    public Task<Application?> FindAsync(string name) => Task.FromResult(_stored.GetValueOrDefault(name));

    private async Task TellAsync()
    {
        var known = await _durable.ReadAsync();
        _stored = ViewOf(known);
        await known.Facts.TellAsync(grains, time);
    }

    private static ImmutableSortedDictionary<string, Application> ViewOf(ApplicationsState known) =>
        known.Applications.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private LedgerFact FactOf(Application application) => new(
        $"application/{application.Name}/{Messages.Nonce.Fresh()}", time.GetUtcNow(), "application.registered", Caller.Current?.Initiator ?? "",
        $"app/{application.Name}", JsonSerializer.Serialize(new { application = Digest.Of(JsonSerializer.SerializeToUtf8Bytes(application)).Hex }));
}
