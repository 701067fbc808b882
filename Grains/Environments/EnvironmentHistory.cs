using System.Globalization;
using Maestro.Deployments;

namespace Maestro.Environments;

/// <summary>What was, is and is about to be live.</summary>
internal static class EnvironmentHistory
{
    public const int Kept = 20;
    private const int LongestEffect = 300;

    /// <exception cref="RefusedException">The release cannot be told to the ledger.</exception>
    public static void Begin(this EnvironmentState state, Release release)
    {
        if (release.Effect.Length is 0 or > LongestEffect || release.Effect.Any(letter => !char.IsAscii(letter) || char.IsControl(letter)))
        {
            throw new RefusedException(new Reason("environment.effect", "A release is named by its effect.", "1 to 300 printable characters",
                new Outside.UntrustedText(release.Effect).Shown(60), "Nothing needs to be done: no honest agent names one so."));
        }
        if (state.Live?.Effect != release.Effect)
        {
            state.InFlight = release;
        }
    }

    /// <exception cref="RefusedException">Another release, or none, is in flight.</exception>
    public static Release Complete(this EnvironmentState state, string effect)
    {
        if (state.Live is { } live && live.Effect == effect)
        {
            return live;
        }
        if (state.InFlight is not { } release || release.Effect != effect)
        {
            throw new RefusedException(new Reason("environment.not-in-flight", "Only the release that was begun becomes live.", effect,
                state.InFlight?.Effect ?? "none", "Use: maestro retry."));
        }
        if (state.Live is { } before)
        {
            state.Before.Insert(0, before);
            Trim(state.Before);
        }
        state.Releases++;
        state.Live = release with { Id = string.Create(CultureInfo.InvariantCulture, $"r{state.Releases}") };
        state.InFlight = null;
        return state.Live;
    }

    /// <summary>Takes the effect's release out of the history and makes the restored one live.</summary>
    public static void Restore(this EnvironmentState state, string effect, string? restored, bool served, string? hold, DateTimeOffset now)
    {
        if (state.InFlight?.Effect == effect)
        {
            state.InFlight = null;
        }
        // Whoever acts for the same undo and comes late must not set a hold again that a person has lifted meanwhile.
        var again = state.Withdrawn.Contains(effect);
        if (served)
        {
            if (state.Live?.Id != restored)
            {
                // What is between the two was not asked for; going back further stays possible only beyond the restored one.
                var place = state.Before.FindIndex(release => release.Id == restored);
                state.Live = place < 0 ? null : state.Before[place];
                state.Before.RemoveRange(0, place + 1);
            }
            state.Withdrawn.Remove(effect);
            state.Withdrawn.Add(effect);
            if (state.Withdrawn.Count > Kept)
            {
                state.Withdrawn.RemoveAt(0);
            }
        }
        if (hold is not null && !again)
        {
            (state.Hold, state.HeldSince) = (hold, now);
        }
    }

    private static void Trim(List<Release> releases)
    {
        if (releases.Count > Kept)
        {
            releases.RemoveRange(Kept, releases.Count - Kept);
        }
    }
}
