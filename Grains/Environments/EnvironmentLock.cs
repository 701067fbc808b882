using Maestro.Deployments;

namespace Maestro.Environments;

/// <summary>The environment's lock: one holder under a lease, a queue in order, and a token that rises with every new holder.</summary>
internal static class EnvironmentLock
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    public const int MaxQueue = 100;

    /// <summary>Takes, renews or queues. A lease that ran out is taken over by the first in the queue only; its old holder is fenced by the higher token.</summary>
    /// <exception cref="RefusedException">The queue is full.</exception>
    public static LockGrant Acquire(this EnvironmentState state, string holder, DateTimeOffset now)
    {
        if (state.Holder == holder)
        {
            state.LeaseUntil = now + Lease;
            return new(true, state.Token, 0, holder);
        }
        if ((state.Holder is null || state.LeaseUntil < now) && (state.Queue.Count == 0 || state.Queue[0] == holder))
        {
            state.Queue.Remove(holder);
            (state.Holder, state.Token, state.LeaseUntil, state.Purpose) = (holder, state.Token + 1, now + Lease, null);
            return new(true, state.Token, 0, holder);
        }
        if (!state.Queue.Contains(holder))
        {
            if (state.Queue.Count >= MaxQueue)
            {
                throw new RefusedException(new Reason("environment.queue-full", $"At most {MaxQueue} attempts wait for one environment.", "room in the queue", $"{MaxQueue} waiting", "Try again later with: maestro retry."));
            }
            state.Queue.Add(holder);
        }
        return new(false, 0, state.Queue.IndexOf(holder) + 1, state.Holder ?? state.Queue[0]);
    }

    /// <summary>As <see cref="Acquire"/>, with a token of its own for this purpose.</summary>
    public static LockGrant Fence(this EnvironmentState state, string holder, string purpose, DateTimeOffset now)
    {
        var grant = state.Acquire(holder, now);
        if (!grant.Granted || state.Purpose == purpose)
        {
            return grant;
        }
        (state.Token, state.Purpose) = (state.Token + 1, purpose);
        return grant with { Token = state.Token };
    }

    public static void Release(this EnvironmentState state, string holder)
    {
        state.Queue.Remove(holder);
        if (state.Holder == holder)
        {
            (state.Holder, state.Purpose) = (null, null);
        }
    }

    /// <exception cref="RefusedException">The token is not the newest.</exception>
    public static void CheckToken(this EnvironmentState state, long token)
    {
        if (token != state.Token)
        {
            throw new RefusedException(new Reason("environment.token-old", "Only the newest holder of an environment's lock changes it.",
                FormattableString.Invariant($"token {state.Token} of {state.Holder ?? "nobody"}"), FormattableString.Invariant($"token {token}"), "Use: maestro retry."));
        }
    }
}
