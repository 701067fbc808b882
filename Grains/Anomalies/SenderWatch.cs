using System.Collections.Concurrent;
using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Anomalies;

/// <summary>
/// Counts what each sender sends to this silo's receivers, and knows who is cut off from them. Counting is all that a message costs; what is
/// usual is learned and judged in <see cref="ISendersGrain"/>, which is told every second in which something came. Safe for many threads.
/// </summary>
public sealed class SenderWatch(IGrainFactory grains, IOrigins origins, SenderBounds bounds, TimeProvider time)
{
    /// <summary>The key of the one grain.</summary>
    public const string Key = "senders/main";

    private readonly ConcurrentDictionary<Role, ReceivedMessages> _receivers = new();

    /// <summary>Whether nothing of the sender is taken by this receiver. Where that is not known yet it is found out first.</summary>
    /// <exception cref="OutsideException">It could not be found out.</exception>
    public async ValueTask<bool> IsCutOffAsync(Role receiver, Role sender)
    {
        var received = Of(receiver);
        return received.IsCutOff(Principal.OfRole(sender)) ?? Know(received, await AskAsync()).IsCutOff(Principal.OfRole(sender)) ?? false;
    }

    /// <summary>Counts a message that passed every check.</summary>
    public void Took(Role receiver, Role sender, Binding binding, int bytes) =>
        Of(receiver).Took(Principal.OfRole(sender), binding, bytes, binding.Silo is { } silo && !origins.Fits(sender, silo) ? silo : null);

    /// <summary>Counts that one of these answered what was never asked.</summary>
    public void Strayed(Role receiver, Role sender) => Of(receiver).Strayed(Principal.OfRole(sender));

    /// <summary>Counts a message that was dropped: against the channel.</summary>
    public void Dropped(Role receiver, string code)
    {
        if (code != MessageRefusal.CutOffCode)
        {
            Of(receiver).Dropped(isReplay: code == MessageRefusal.ReplayedCode);
        }
    }

    /// <summary>The roles to whom something came that was not reported yet.</summary>
    public ImmutableArray<Role> Unreported => [.. _receivers.Where(receiver => receiver.Value.HasNews).Select(receiver => receiver.Key)];

    /// <summary>The roles that received anything since the silo began.</summary>
    public ImmutableArray<Role> Receivers => [.. _receivers.Keys];

    /// <summary>Reports what came to this role, and learns who is cut off from it. The caller acts as the role.</summary>
    /// <exception cref="OutsideException">The watch did not take it; it is reported with the next.</exception>
    public async Task ReportAsync(Role receiver)
    {
        var received = Of(receiver);
        var tallies = received.Drain(origins.Fits);
        var taken = false;
        try
        {
            Know(received, await grains.GetGrain<ISendersGrain>(Key).ReportAsync(tallies));
            taken = true;
        }
        finally
        {
            if (!taken)
            {
                received.GiveBack(tallies);
            }
        }
    }

    /// <summary>Says who is cut off from a role, where somebody knows it already.</summary>
    public void Know(Role receiver, ImmutableArray<string> cutOff) => Know(Of(receiver), cutOff);

    private static ReceivedMessages Know(ReceivedMessages received, ImmutableArray<string> cutOff)
    {
        received.Know(cutOff);
        return received;
    }

    // Called by the receiver itself, so the grain sees the receiver's role.
    private Task<ImmutableArray<string>> AskAsync() => grains.GetGrain<ISendersGrain>(Key).ReportAsync([]);

    internal ReceivedMessages Of(Role receiver) => _receivers.GetOrAdd(receiver, _ => new(bounds, time));
}
