using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Anomalies;

/// <inheritdoc cref="ISendersGrain"/>
[ActsAs(Role.Control), GrainType("senders")]
internal sealed class SendersGrain(
    [PersistentState("senders", "maestro")] IPersistentState<SendersState> state, IGrainFactory grains, INotifier notifier, SenderBounds bounds,
    TimeProvider time, ILogger<SendersGrain> logger) : Grain, ISendersGrain
{
    /// <summary>What is usual changes slowly and may be lost; what was cut off or told is written at once.</summary>
    private static readonly TimeSpan KeepEvery = TimeSpan.FromMinutes(5);

    /// <summary>A silo reports a few senders; more than this is none.</summary>
    private const int MostTallies = 32;

    private readonly DurableState<SendersState> _durable = new(state);
    private readonly HashSet<(string File, string Code)> _counted = [];
    private Dictionary<string, SenderWindow> _windows = new(StringComparer.Ordinal);
    private Dictionary<string, SenderHabit> _habits = new(StringComparer.Ordinal);
    private ImmutableArray<SenderView> _views = [];
    private DateTimeOffset _kept;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _kept = time.GetUtcNow();
        Look(state.State, _kept);
        this.RegisterGrainTimer(TellAsync, new GrainTimerCreationOptions(FactOutbox.Pace, FactOutbox.Pace));
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<string>> ReportAsync(ImmutableArray<Tally> tallies)
    {
        var receiver = Receiver();
        if (tallies.IsDefault || tallies.Length > MostTallies || !tallies.All(tally => tally.IsPossible()))
        {
            throw new RefusedException(new Reason("senders.report", "A silo reports counts of the few senders there are.", "such counts", "something else",
                "Restart the silo that reported it with a genuine release."));
        }
        var (windows, habits) = (new Dictionary<string, SenderWindow>(_windows), new Dictionary<string, SenderHabit>(_habits));
        try
        {
            return await TakeAsync(receiver, tallies, time.GetUtcNow());
        }
        catch
        {
            // The silo reports the same again: counted twice, an outage of the database would cut honest senders off.
            (_windows, _habits) = (windows, habits);
            throw;
        }
    }

    public Task<ImmutableArray<SenderView>> ListAsync() => Task.FromResult(_views);

    public async Task<int> LiftAsync(string sender, string reason)
    {
        var name = sender.StartsWith("role:", StringComparison.Ordinal) ? sender : $"role:{sender}";
        if (Principal.RoleOf(name) is null)
        {
            throw new RefusedException(new Reason("senders.unknown", "Only a sender that there is can be lifted.", "a role that sends messages",
                new UntrustedText(sender).Shown(60), "See the senders with: maestro senders"));
        }
        var now = time.GetUtcNow();
        var lifted = await _durable.ChangeAsync(known =>
        {
            var files = known.Files.Values.Where(file => file.Sender == name).ToList();
            var cut = files.Where(file => file.CutSince is not null).Select(file => file.Receiver).Order(StringComparer.Ordinal).ToArray();
            files.ForEach(file => known.Files.Remove(SendersState.KeyOf(file.Receiver, file.Sender)));
            known.Facts.Keep(new($"anomaly/lifted/{name}/{Messages.Nonce.Fresh()}", now, "anomaly.lifted",
                Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway), name,
                JsonSerializer.Serialize(new { receivers = cut, reason = Digest.Of(Encoding.UTF8.GetBytes(reason)).Hex })));
            return cut.Length;
        });
        Forget(name);
        Look(state.State, now);
        await state.State.Facts.TellOrKeepAsync(grains, time, logger);
        return lifted;
    }

    // The receiver is whoever was verified to call, and never what a report says.
    private static string Receiver() => Caller.Current?.Principal is { } principal && Principal.RoleOf(principal) is not null
        ? principal
        : throw new RefusedException(new Reason("senders.receiver", "A role reports what came to it.", "a silo's role", "somebody else", "Report as a role."));

    private async Task<ImmutableArray<string>> TakeAsync(string receiver, ImmutableArray<Tally> tallies, DateTimeOffset now)
    {
        var known = await _durable.ReadAsync();
        var found = tallies.Select(tally => (Tally: tally, Anomalies: Take(known, receiver, tally, now))).Where(one => !one.Anomalies.IsEmpty).ToList();
        if (found.Exists(one => IsNews(known, receiver, one.Tally, one.Anomalies, now)) || (tallies.Length > 0 && now - _kept >= KeepEvery))
        {
            await RaiseAsync(receiver, found, now);
            known = await _durable.ReadAsync();
        }
        Look(known, now);
        return CutOffFrom(known, receiver);
    }

    private ImmutableArray<Anomaly> Take(SendersState known, string receiver, Tally tally, DateTimeOffset now)
    {
        var key = SendersState.KeyOf(receiver, tally.Sender);
        var habit = HabitOf(known, key);
        var window = _windows.GetValueOrDefault(key) ?? SenderWindow.Begin(tally.Sender, now);
        if (window.IsOver(now))
        {
            _habits[key] = habit = window.Teach(habit, bounds, now);
            window = window.Next(now);
            _counted.RemoveWhere(counted => counted.File == key);
        }
        _windows[key] = window = window.With(tally.Timely());
        var anomalies = window.Judge(habit, bounds, now);
        foreach (var anomaly in anomalies.Where(anomaly => _counted.Add((key, anomaly.Code))))
        {
            Instruments.MessageAnomalies.Add(1, new("sender", tally.Sender), new("kind", anomaly.Code));
        }
        return anomalies;
    }

    private SenderHabit HabitOf(SendersState known, string key) =>
        _habits.GetValueOrDefault(key) ?? known.Files.GetValueOrDefault(key)?.Habit ?? SenderHabit.None;

    private static bool IsNews(SendersState known, string receiver, Tally tally, ImmutableArray<Anomaly> anomalies, DateTimeOffset now)
    {
        var file = known.Files.GetValueOrDefault(SendersState.KeyOf(receiver, tally.Sender));
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        return anomalies.Any(anomaly => file is null || file.Told.GetValueOrDefault(anomaly.Code) < hour || CutsOff(file, anomaly));
    }

    private static bool CutsOff(SenderFile file, Anomaly anomaly) =>
        anomaly.CutsOff && file.CutSince is null && file.Sender != Tally.Unverified;

    private async Task RaiseAsync(string receiver, List<(Tally Tally, ImmutableArray<Anomaly> Anomalies)> found, DateTimeOffset now)
    {
        var alarms = await _durable.ChangeAsync(known =>
        {
            foreach (var (key, habit) in _habits)
            {
                FileOf(known, key).Habit = habit;
            }
            var raised = found.SelectMany(one => Raise(FileOf(known, SendersState.KeyOf(receiver, one.Tally.Sender)), one.Tally, one.Anomalies, now)).ToList();
            raised.ForEach(alarm => known.Facts.Keep(alarm.Fact));
            return raised;
        });
        _kept = now;
        await state.State.Facts.TellOrKeepAsync(grains, time, logger);
        foreach (var alarm in alarms)
        {
            await notifier.NotifyAsync(alarm.Fact.Key, alarm.Fact.Subject, alarm.Reason, CancellationToken.None);
        }
    }

    private static IEnumerable<Alarm> Raise(SenderFile file, Tally tally, ImmutableArray<Anomaly> anomalies, DateTimeOffset now)
    {
        foreach (var anomaly in anomalies)
        {
            if (Alarm.Raise(file, anomaly, tally, now) is { } alarm)
            {
                yield return alarm;
            }
            if (CutsOff(file, anomaly))
            {
                (file.CutSince, file.Why) = (now, anomaly.Code);
                yield return Alarm.CutOff(file, anomaly, tally, now);
            }
        }
    }

    private static SenderFile FileOf(SendersState known, string key)
    {
        if (!known.Files.TryGetValue(key, out var file))
        {
            var names = key.Split(' ');
            known.Files.Add(key, file = new() { Receiver = names[0], Sender = names[1] });
        }
        return file;
    }

    private static ImmutableArray<string> CutOffFrom(SendersState known, string receiver) =>
        [.. known.Files.Values.Where(file => file.Receiver == receiver && file.CutSince is not null).Select(file => file.Sender)];

    private void Forget(string sender)
    {
        foreach (var key in _windows.Keys.Concat(_habits.Keys).Where(key => key.EndsWith($" {sender}", StringComparison.Ordinal)).ToList())
        {
            _windows.Remove(key);
            _habits.Remove(key);
        }
    }

    private void Look(SendersState known, DateTimeOffset now) => _views =
    [
        .. _windows.Keys.Union(known.Files.Keys).Order(StringComparer.Ordinal).Select(key =>
        {
            var (file, minute) = (known.Files.GetValueOrDefault(key), _windows.GetValueOrDefault(key)?.LastMinute(now));
            var usual = HabitOf(known, key).RateBound(bounds) / SenderBounds.Window.TotalSeconds;
            return new SenderView(key.Split(' ')[1], key.Split(' ')[0], (minute?.Messages ?? 0) / SenderBounds.Minute.TotalSeconds, usual,
                minute?.Failed ?? 0, file?.CutSince, file?.Why);
        }),
    ];

    private async Task TellAsync() => await (await _durable.ReadAsync()).Facts.TellAsync(grains, time);
}
