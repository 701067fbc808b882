using System.Collections.Immutable;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Anomalies;

/// <summary>What came to one role of this silo, by sender, since it was last reported. Senders are the few roles there are, so it stays small.</summary>
internal sealed class ReceivedMessages(SenderBounds bounds, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _begun = time.GetTimestamp();
    private readonly Dictionary<string, SentMessages> _senders = new(StringComparer.Ordinal);
    private ImmutableHashSet<string>? _cutOff;

    // Never goes back, as a clock can: a window that does not end would make a flood of ordinary messages.
    private DateTimeOffset Now => DateTimeOffset.UnixEpoch + time.GetElapsedTime(_begun);

    public bool HasNews
    {
        get
        {
            lock (_lock)
            {
                return _senders.Values.Any(sent => sent.HasNews);
            }
        }
    }

    /// <summary>Null while nobody has said.</summary>
    public bool? IsCutOff(string sender)
    {
        lock (_lock)
        {
            return _cutOff?.Contains(sender);
        }
    }

    public void Know(ImmutableArray<string> cutOff)
    {
        lock (_lock)
        {
            _cutOff = [.. cutOff];
        }
    }

    /// <param name="stranger">The silo that it names and that is not one with the sender's role; null where it is, or none is named.</param>
    public void Took(string sender, Binding binding, int bytes, string? stranger)
    {
        lock (_lock)
        {
            var sent = Of(sender);
            sent.Took(binding.Deployment, bytes, stranger, Now);
            if (sent.IsOverLimit)
            {
                // At once, and without waiting for the watch: it is told with the next report, and says so to the other silos.
                _cutOff = (_cutOff ?? []).Add(sender);
            }
        }
    }

    public void Strayed(string sender)
    {
        lock (_lock)
        {
            Of(sender).Strayed();
        }
    }

    public void Dropped(bool isReplay)
    {
        lock (_lock)
        {
            if (isReplay)
            {
                Of(Tally.Unverified).Replayed();
            }
            else
            {
                Of(Tally.Unverified).Failed();
            }
        }
    }

    /// <summary>What is to be reported, which from here on is not kept.</summary>
    /// <param name="fits">Whether a silo that was unknown is known by now.</param>
    public ImmutableArray<Tally> Drain(Func<Role, string, bool> fits)
    {
        lock (_lock)
        {
            var now = Now;
            return
            [
                .. _senders.Select(sent => sent.Value.Drain(sent.Key, now, name => Principal.RoleOf(sent.Key) is { } role && fits(role, name)))
                    .Where(tally => !tally.IsEmpty()),
            ];
        }
    }

    public void GiveBack(ImmutableArray<Tally> tallies)
    {
        lock (_lock)
        {
            foreach (var tally in tallies)
            {
                Of(tally.Sender).GiveBack(tally);
            }
        }
    }

    private SentMessages Of(string sender)
    {
        if (!_senders.TryGetValue(sender, out var sent))
        {
            _senders.Add(sender, sent = new(bounds, Now));
        }
        return sent;
    }
}
