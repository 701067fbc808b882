using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Environments;

/// <inheritdoc cref="IEnvironmentGrain"/>
[ActsAs(Role.Control), GrainType("environment")]
internal sealed class EnvironmentGrain(
    [PersistentState("environment", "maestro")] IPersistentState<EnvironmentState> state, IGrainFactory grains, TimeProvider time) : Grain, IEnvironmentGrain
{
    private EnvironmentState State => state.State;

    public Task<EnvironmentView> GetAsync()
    {
        var key = this.GetPrimaryKeyString().Split('/');
        return Task.FromResult(new EnvironmentView(
            key[1], key[2], State.Live, [.. State.Before], State.InFlight, State.Holder, State.Token,
                [.. State.Queue.Select(waiting => waiting.Holder)], State.Hold, State.HeldSince, [.. State.Withdrawn]));
    }

    // A lease that is still fresh needs no write: those who watch ask every second.
    public Task<LockGrant> AcquireAsync(string holder) =>
        State.Holder == holder && State.LeaseUntil - time.GetUtcNow() > EnvironmentLock.Lease / 2
            ? Task.FromResult(new LockGrant(true, State.Token, 0, holder))
            : ChangeAsync(() => State.Acquire(holder, time.GetUtcNow()));

    public Task<LockGrant> FenceAsync(string holder, string purpose) => ChangeAsync(() => State.Fence(holder, purpose, time.GetUtcNow()));

    public Task ReleaseAsync(string holder) => State.Holder == holder || State.Queue.Any(waiting => waiting.Holder == holder)
        ? ChangeAsync(() => State.Release(holder))
        : Task.CompletedTask;

    public Task BeginAsync(long token, Release release) => ChangeAsync(() =>
    {
        State.CheckToken(token);
        State.CheckForward(release.Effect);
        State.Begin(release);
    });

    public async Task<Release> CompleteAsync(long token, string effect)
    {
        var release = await ChangeAsync(() =>
        {
            State.CheckToken(token);
            return State.Complete(effect);
        });
        await NoteAsync($"live/{effect}", "environment.live", new { effect, release = release.Id, image = release.Image.Hex, token });
        return release;
    }

    public async Task RestoreAsync(long token, string effect, string? restored, bool served, string? hold)
    {
        await ChangeAsync(() =>
        {
            State.CheckToken(token);
            State.Restore(effect, restored, served, hold, time.GetUtcNow());
        });
        if (served)
        {
            await NoteAsync($"restored/{effect}", "environment.restored", new { effect, restored, token, held = hold is not null });
        }
    }

    public async Task ReleaseHoldAsync(string reason)
    {
        if (State.Hold is null)
        {
            throw new RefusedException(
                new Reason("environment.not-held", "Only a hold that is there is released.", "a hold", "none", "Nothing needs to be done."));
        }
        await ChangeAsync(() => (State.Hold, State.HeldSince) = (null, null));
        await NoteAsync($"hold/{Messages.Nonce.Fresh()}", "environment.hold-released",
            new { reason = Digest.Of(System.Text.Encoding.UTF8.GetBytes(reason)).Hex });
    }

    private Task<bool> ChangeAsync(Action change) => ChangeAsync(() =>
    {
        change();
        return true;
    });

    // Whatever goes wrong in the write, memory may be ahead of the database: it is read again before anybody relies on it.
    private async Task<T> ChangeAsync<T>(Func<T> change)
    {
        var written = false;
        try
        {
            var result = change();
            await state.WriteStateAsync();
            written = true;
            return result;
        }
        finally
        {
            if (!written)
            {
                await state.ReadStateAsync();
            }
        }
    }

    private async Task NoteAsync(string key, string kind, object body) => await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
        $"{this.GetPrimaryKeyString()}/{key}", time.GetUtcNow(), kind, Caller.Current?.Initiator ?? Principal.OfRole(Role.Control),
        this.GetPrimaryKeyString(), JsonSerializer.Serialize(body)));
}
