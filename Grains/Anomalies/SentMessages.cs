using Maestro.Deployments;

namespace Maestro.Anomalies;

/// <summary>Counts one sender's messages to one role of this silo. Not safe for threads; it is bounded whatever comes.</summary>
internal sealed class SentMessages(SenderBounds bounds, DateTimeOffset begun)
{
    /// <summary>Silos come and go, and who just came may be known to its fellows before it is known here.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int MostStrangers = 16;
    private const int MostDeployments = 64;

    private readonly int[] _sizes = new int[SenderHabit.Places];
    private readonly Dictionary<string, (DateTimeOffset Since, int Count)> _strangers = new(StringComparer.Ordinal);
    private readonly Dictionary<DeploymentId, int> _deployments = [];
    private DateTimeOffset _window = begun;
    private DateTimeOffset _since = begun;
    private int _inWindow;
    private int _messages;
    private int _largest;
    private int _order;
    private int _failed;
    private int _replayed;
    private int _strange;
    private bool _overLimit;

    /// <summary>The open window has more than the hard limit.</summary>
    public bool IsOverLimit => _inWindow > bounds.PerWindow;

    public bool HasNews => _messages + _order + _failed + _replayed + _strange > 0 || _overLimit || _strangers.Count > 0;

    public void Took(DeploymentId deployment, int bytes, string? stranger, DateTimeOffset now)
    {
        if (now - _window >= SenderBounds.Window)
        {
            (_window, _inWindow) = (now, 0);
        }
        _inWindow++;
        _overLimit |= IsOverLimit;
        _messages++;
        _sizes[Tallies.PlaceOf(bytes)]++;
        _largest = Math.Max(_largest, bytes);
        Note(deployment);
        if (stranger is not null)
        {
            Note(stranger, now);
        }
    }

    public void Strayed() => _order++;

    public void Failed() => _failed++;

    public void Replayed() => _replayed++;

    public Tally Drain(string sender, DateTimeOffset now, Func<string, bool> fits)
    {
        foreach (var (name, seen) in _strangers.Where(stranger => now - stranger.Value.Since >= Grace).ToList())
        {
            _strangers.Remove(name);
            _strange += fits(name) ? 0 : seen.Count;
        }
        var busiest = _deployments.Count == 0 ? null : _deployments.MaxBy(about => about.Value).Key.ToString();
        var tally = new Tally(sender, _messages, [.. _sizes], _largest, _order, _strange, _failed, _replayed, _overLimit, busiest,
            (now - _since).TotalSeconds);
        Array.Clear(_sizes);
        _deployments.Clear();
        (_messages, _largest, _order, _failed, _replayed, _strange, _overLimit) = (0, 0, 0, 0, 0, 0, false);
        _since = now;
        return tally;
    }

    public void GiveBack(Tally tally)
    {
        for (var place = 0; place < _sizes.Length; place++)
        {
            _sizes[place] += tally.Sizes[place];
        }
        (_messages, _largest, _order) = (_messages + tally.Messages, Math.Max(_largest, tally.Largest), _order + tally.Order);
        (_failed, _replayed, _strange) = (_failed + tally.Failed, _replayed + tally.Replayed, _strange + tally.Strange);
        _overLimit |= tally.OverLimit;
        _since -= TimeSpan.FromSeconds(tally.Seconds);
    }

    // The few that send most are found without remembering all: where there is no room, everybody loses one.
    private void Note(DeploymentId deployment)
    {
        if (_deployments.TryGetValue(deployment, out var count) || _deployments.Count < MostDeployments)
        {
            _deployments[deployment] = count + 1;
            return;
        }
        foreach (var (known, seen) in _deployments.ToList())
        {
            if (seen > 1)
            {
                _deployments[known] = seen - 1;
            }
            else
            {
                _deployments.Remove(known);
            }
        }
    }

    private void Note(string stranger, DateTimeOffset now)
    {
        if (_strangers.TryGetValue(stranger, out var seen))
        {
            _strangers[stranger] = (seen.Since, seen.Count + 1);
        }
        else if (_strangers.Count < MostStrangers)
        {
            _strangers.Add(stranger, (now, 1));
        }
        else
        {
            _strange++;
        }
    }
}
