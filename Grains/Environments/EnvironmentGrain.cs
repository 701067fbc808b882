using System.Text.Json;
using Maestro.Deployments;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Environments;

/// <inheritdoc cref="IEnvironmentGrain"/>
[ActsAs(Role.Control), GrainType("environment")]
internal sealed class EnvironmentGrain(
    [PersistentState("environment", "maestro")] IPersistentState<EnvironmentState> state, IGrainFactory grains, TimeProvider time,
    ILogger<EnvironmentGrain> logger) : Grain, IEnvironmentGrain
{
    private readonly DurableState<EnvironmentState> _durable = new(state);
    private EnvironmentView _view = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _view = ViewOf(state.State);
        this.RegisterGrainTimer(TellAsync, new GrainTimerCreationOptions(FactOutbox.Pace, FactOutbox.Pace));
        return Task.CompletedTask;
    }

    public Task<EnvironmentView> GetAsync() => Task.FromResult(_view);

    // A lease that is still fresh needs no write: those who watch ask every second.
    public async Task<LockGrant> AcquireAsync(string holder)
    {
        var known = await _durable.ReadAsync();
        return known.Holder == holder && known.LeaseUntil - time.GetUtcNow() > EnvironmentLock.Lease / 2
            ? new LockGrant(true, known.Token, 0, holder)
            : await ChangeAsync(environment => environment.Acquire(holder, time.GetUtcNow()));
    }

    public Task<LockGrant> FenceAsync(string holder, string purpose) =>
        ChangeAsync(environment => environment.Fence(holder, purpose, time.GetUtcNow()));

    public async Task ReleaseAsync(string holder)
    {
        var known = await _durable.ReadAsync();
        if (known.Holder == holder || !known.Left.Contains(holder) || known.Queue.Any(waiting => waiting.Holder == holder))
        {
            await ChangeAsync(environment => environment.Release(holder));
        }
    }

    public Task BeginAsync(long token, Release release) => ChangeAsync(environment =>
    {
        environment.CheckToken(token);
        environment.CheckForward(release.Effect);
        environment.Begin(release);
    });

    public Task<Release> CompleteAsync(long token, string effect) => ChangeAsync(environment =>
    {
        environment.CheckToken(token);
        var release = environment.Complete(effect);
        Keep(environment, $"live/{effect}", "environment.live", new { effect, release = release.Id, image = release.Image.Hex, token });
        return release;
    });

    public Task RestoreAsync(long token, string effect, string? restored, bool served, string? hold) => ChangeAsync(environment =>
    {
        environment.CheckToken(token);
        environment.Restore(effect, restored, served, hold, time.GetUtcNow());
        if (served)
        {
            Keep(environment, $"restored/{effect}", "environment.restored", new { effect, restored, token, held = hold is not null });
        }
    });

    public Task ReleaseHoldAsync(string reason) => ChangeAsync(environment =>
    {
        if (environment.Hold is null)
        {
            throw new RefusedException(
                new Reason("environment.not-held", "Only a hold that is there is released.", "a hold", "none", "Nothing needs to be done."));
        }
        (environment.Hold, environment.HeldSince) = (null, null);
        Keep(environment, $"hold/{Messages.Nonce.Fresh()}", "environment.hold-released",
            new { reason = Digest.Of(System.Text.Encoding.UTF8.GetBytes(reason)).Hex });
    });

    private EnvironmentView ViewOf(EnvironmentState environment)
    {
        var key = this.GetPrimaryKeyString().Split('/');
        return new(
            key[1], key[2], environment.Live, [.. environment.Before], environment.InFlight, environment.Holder, environment.Token,
            [.. environment.Queue.Select(waiting => waiting.Holder)], environment.Hold, environment.HeldSince, [.. environment.Withdrawn]);
    }

    private Task<bool> ChangeAsync(Action<EnvironmentState> change) => ChangeAsync(environment =>
    {
        change(environment);
        return true;
    });

    // What the ledger was not told yet comes first: nothing changes while it cannot be told.
    private async Task<T> ChangeAsync<T>(Func<EnvironmentState, T> change)
    {
        await TellAsync();
        var (result, view) = await _durable.ChangeAsync(environment => (change(environment), ViewOf(environment)));
        _view = view;
        await state.State.Facts.TellOrKeepAsync(grains, time, logger);
        return result;
    }

    private async Task TellAsync()
    {
        var known = await _durable.ReadAsync();
        _view = ViewOf(known);
        await known.Facts.TellAsync(grains, time);
    }

    private void Keep(EnvironmentState environment, string key, string kind, object body) => environment.Facts.Keep(new(
        $"{this.GetPrimaryKeyString()}/{key}", time.GetUtcNow(), kind, Caller.Current?.Initiator ?? Principal.OfRole(Role.Control),
        this.GetPrimaryKeyString(), JsonSerializer.Serialize(body)));
}
