using Maestro.Deployments;

namespace Maestro.Environments;

/// <summary>The environment's lock: one holder under a lease, a queue in order, and a token that rises with every new holder.</summary>
internal static class EnvironmentLock
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    public const int MaxQueue = 100;
    private const int KeptFences = 50;
    private const int KeptLeft = 100;

    /// <summary>Who has not asked for this long waits no more, and must not hold up the others.</summary>
    public static readonly TimeSpan Patience = 2 * Lease;

    /// <summary>Takes, renews or queues. A lease that ran out goes to the first in the queue; its old holder is fenced by the higher token.</summary>
    /// <exception cref="RefusedException">The queue is full, or the holder gave the lock back before.</exception>
    public static LockGrant Acquire(this EnvironmentState state, string holder, DateTimeOffset now) => state.Left.Contains(holder)
        ? throw new RefusedException(new Reason(
            "environment.left", "Who gave an environment's lock back takes it again only to take something back.", "an attempt that still needs it",
            $"{holder}, which gave it back", "Nothing needs to be done: it was asked late, and the attempt is further."))
        : state.Take(holder, now);

    private static LockGrant Take(this EnvironmentState state, string holder, DateTimeOffset now)
    {
        if (state.Holder == holder)
        {
            state.LeaseUntil = now + Lease;
            return new(true, state.Token, 0, holder);
        }
        state.Queue.RemoveAll(waiting => waiting.Holder != holder && waiting.SeenAt + Patience < now);
        if ((state.Holder is null || state.LeaseUntil < now) && (state.Queue.Count == 0 || state.Queue[0].Holder == holder))
        {
            state.Queue.RemoveAll(waiting => waiting.Holder == holder);
            (state.Holder, state.Token, state.LeaseUntil, state.Purpose) = (holder, state.Token + 1, now + Lease, null);
            return new(true, state.Token, 0, holder);
        }
        return state.Wait(holder, now, first: false);
    }

    /// <summary>
    /// As <see cref="Acquire"/>, but before everybody who goes forward, and with a token of its own for this purpose. What the purpose fences
    /// off is remembered: it never goes forward again.
    /// </summary>
    public static LockGrant Fence(this EnvironmentState state, string holder, string purpose, DateTimeOffset now)
    {
        if (!state.Fenced.Contains(purpose))
        {
            state.Fenced.Add(purpose);
            state.Fenced.RemoveRange(0, Math.Max(0, state.Fenced.Count - KeptFences));
        }
        if (state.Holder != holder)
        {
            state.Wait(holder, now, first: true);
        }
        var grant = state.Take(holder, now);
        if (!grant.Granted || state.Purpose == purpose)
        {
            return grant;
        }
        (state.Token, state.Purpose) = (state.Token + 1, purpose);
        return grant with { Token = state.Token };
    }

    public static void Release(this EnvironmentState state, string holder)
    {
        state.Queue.RemoveAll(waiting => waiting.Holder == holder);
        if (state.Holder == holder)
        {
            (state.Holder, state.Purpose) = (null, null);
        }
        if (!state.Left.Contains(holder))
        {
            state.Left.Add(holder);
            state.Left.RemoveRange(0, Math.Max(0, state.Left.Count - KeptLeft));
        }
    }

    /// <exception cref="RefusedException">The token is not the newest.</exception>
    public static void CheckToken(this EnvironmentState state, long token)
    {
        if (token != state.Token)
        {
            throw new RefusedException(new Reason(
                "environment.token-old", "Only the newest holder of an environment's lock changes it.",
                FormattableString.Invariant($"token {state.Token} of {state.Holder ?? "nobody"}"),
                FormattableString.Invariant($"token {token}"), "Use: maestro retry."));
        }
    }

    /// <exception cref="RefusedException">The effect was fenced off.</exception>
    public static void CheckForward(this EnvironmentState state, string effect)
    {
        if (state.Fenced.Contains(PurposeOfUndo(effect)))
        {
            throw new RefusedException(new Reason(
                "environment.fenced", "What is being undone does not go forward.", "an effect that was not taken back", effect, "Use: maestro retry."));
        }
    }

    public static string PurposeOfUndo(string effect) => $"{effect}/undo";

    private static LockGrant Wait(this EnvironmentState state, string holder, DateTimeOffset now, bool first)
    {
        var place = state.Queue.FindIndex(waiting => waiting.Holder == holder);
        if (place < 0 && state.Queue.Count >= MaxQueue && !first)
        {
            throw new RefusedException(new Reason(
                "environment.queue-full", $"At most {MaxQueue} attempts wait for one environment.", "room in the queue", $"{MaxQueue} waiting",
                "Try again later with: maestro retry."));
        }
        if (place >= 0)
        {
            state.Queue.RemoveAt(place);
        }
        var at = first ? 0 : place < 0 ? state.Queue.Count : place;
        state.Queue.Insert(at, new(holder, now));
        return new(false, 0, at + 1, state.Holder ?? state.Queue[0].Holder);
    }
}
