using Maestro.Custody;
using Maestro.Environments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>
/// A rollout that the environment remembers: what is about to be live is written down before the switch and what is live after it, and it
/// can be taken back to the release before. Staging and production go through the same code.
/// </summary>
public sealed class Releasing(IGrainFactory grains, Rollout rollout, IEdge edge, Custodian custodian, TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    /// <summary>Serves the release under the lock that the attempt holds.</summary>
    /// <param name="lent">What is done once custody has lent, and before anything is touched.</param>
    public async Task<Outcome> ReleaseAsync(
        Assignment assignment, string environment, Digest image, RunSettings run, Func<Task>? lent, CancellationToken cancellation)
    {
        var key = assignment.Environment(environment);
        var grain = grains.GetGrain<IEnvironmentGrain>(key.ToString());
        var grant = await grain.AcquireAsync(assignment.Holder);
        if (!grant.Granted)
        {
            return new Outcome.Refused(new("environment.lock-lost", $"An attempt releases to {environment} only while it holds the lock.",
                assignment.Holder, grant.Holder ?? "nobody", "Use: maestro retry."));
        }
        var (lease, missing) = await custodian.AskAsync(key, new(assignment.Deployment, assignment.Attempt, assignment.Stage, grant.Token, LeaseWay.Forward));
        if (missing is not null)
        {
            return new Outcome.NotYet(Custodian.LookAgain, missing);
        }
        await (lent?.Invoke() ?? Task.CompletedTask);
        var release = new Release("", assignment.Effect, assignment.Deployment.ToString(), assignment.Attempt, image, assignment.Change.MergeCommit,
            run, time.GetUtcNow());
        await grain.BeginAsync(grant.Token, release);
        if (await rollout.FindEndAsync(assignment.Effect, cancellation) is { } ended)
        {
            return new Outcome.Refused(ended);
        }
        var port = assignment.Change.Application.Environment(environment).Port;
        return await rollout.ServeAsync(new(key, port, grant.Token, release, Lease: lease), assignment.Since, cancellation) switch
        {
            Rollout.Standing.NotYet notYet => new Outcome.NotYet(notYet.LookAgain, notYet.Waiting),
            Rollout.Standing.Refused refused => new Outcome.Refused(refused.Reason),
            _ => new Outcome.Live(await grain.CompleteAsync(grant.Token, assignment.Effect), grant.Token, await BeforeAsync(grain)),
        };
    }

    /// <summary>Takes the effect's release back, to the target or the release before, and ends its instance.</summary>
    /// <param name="hold">Why nothing may follow until a person says so; null for none.</param>
    public async Task<UndoAnswer> TakeBackAsync(Assignment assignment, string environment, string? hold, CancellationToken cancellation)
    {
        var key = assignment.Environment(environment);
        var grain = grains.GetGrain<IEnvironmentGrain>(key.ToString());
        // A new token first, also at the edge: whoever still acts for this attempt is refused there from here on.
        var grant = await grain.FenceAsync(assignment.Holder, $"{assignment.Effect}/undo");
        if (!grant.Granted)
        {
            return new UndoAnswer.NotYet(TimeSpan.FromSeconds(1), $"place {grant.Place} in the queue for {environment}, which {grant.Holder} holds");
        }
        var view = await grain.GetAsync();
        var route = await edge.ReadAsync(key, cancellation);
        var port = assignment.Change.Application.Environment(environment).Port;
        var serves = route.Effect == assignment.Effect || view.Live?.Effect == assignment.Effect;
        var lending = serves || route.Token < grant.Token ? await AskBackAsync(assignment, key, grant.Token) : new(null, null);
        if (lending.Waiting is { } missing)
        {
            return new UndoAnswer.NotYet(Custodian.LookAgain, missing);
        }
        if (route.Token < grant.Token)
        {
            await RaiseAsync(key, port, grant.Token, route, lending.Lease, cancellation);
        }
        if (serves)
        {
            return await RestoreAsync(assignment, key, grain, view, grant.Token, lending.Lease, hold, cancellation);
        }
        if (view.InFlight?.Effect == assignment.Effect)
        {
            await grain.RestoreAsync(grant.Token, assignment.Effect, view.Live?.Id, served: false, null);
        }
        return await rollout.RetireAsync(key, assignment.Effect, assignment.Since, cancellation)
            ? new UndoAnswer.Undone(view.Withdrawn.Contains(assignment.Effect) ? view.Live?.Id ?? "nothing" : null)
            : new UndoAnswer.NotYet(Soon, "requests under way are answered first");
    }

    private async Task<UndoAnswer> RestoreAsync(
        Assignment assignment, EnvironmentKey key, IEnvironmentGrain grain, EnvironmentView view, long token, Envelope? lease, string? hold,
        CancellationToken cancellation)
    {
        var target = Verification.Before(view, assignment.Effect, assignment.Target);
        var port = assignment.Change.Application.Environment(key.Environment).Port;
        switch (await rollout.ServeAsync(new(key, port, token, target, Revive: true, lease), assignment.Since, cancellation))
        {
            case Rollout.Standing.NotYet notYet:
                return new UndoAnswer.NotYet(notYet.LookAgain, notYet.Waiting);
            case Rollout.Standing.Refused refused:
                return new UndoAnswer.Broke(refused.Reason);
        }
        await grain.RestoreAsync(token, assignment.Effect, target?.Id, served: true, hold);
        return new UndoAnswer.NotYet(TimeSpan.Zero, "requests under way are answered first");
    }

    private Task<Lending> AskBackAsync(Assignment assignment, EnvironmentKey key, long token) => custodian.AskAsync(
        key, new(assignment.Deployment, assignment.Attempt, assignment.Stage, token, LeaseWay.Back, assignment.Target));

    // The same route under a higher token: whoever still holds the old one switches nothing any more.
    private async Task RaiseAsync(EnvironmentKey key, int port, long token, Route route, Envelope? lease, CancellationToken cancellation)
    {
        try
        {
            await edge.SwitchAsync(key, port, token, route.Effect, route.Effect, route.Address, lease, cancellation);
        }
        catch (RefusedException refusal) when (refusal.Reason.Code == "edge.port-in-use")
        {
            // Somebody else has the port, so nobody can be served there: there is nothing to hold off.
        }
    }

    private static async Task<string?> BeforeAsync(IEnvironmentGrain grain) => (await grain.GetAsync()).Before.FirstOrDefault()?.Id;

    /// <summary>How a release went.</summary>
    public abstract record Outcome
    {
        private Outcome() { }

        public sealed record NotYet(TimeSpan LookAgain, string Waiting) : Outcome;

        public sealed record Live(Release Release, long Token, string? Before) : Outcome;

        public sealed record Refused(Reason Reason) : Outcome;
    }
}
