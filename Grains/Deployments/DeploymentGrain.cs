using Maestro.Applications;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Maestro.Deployments;

/// <summary>
/// The one loop: it asks the plan what is due, records it, and carries it out. Everything that happens ends up here: an answer, a wake-up,
/// a command, a push. Recovery is no special path: a silo that takes over reads the log and asks what is due.
/// </summary>
[ActsAs(Role.Control), GrainType("deployment"), ImplicitStreamSubscription(Channels.Answers)]
internal sealed partial class DeploymentGrain(IServiceProvider services) : Grain, IDeploymentGrain, IStreamSubscriptionObserver, IAsyncObserver<Envelope>
{
    /// <summary>More moves than this without an answer in between are a defect; the next wake-up goes on.</summary>
    private const int MaxRounds = 200;

    private const int MaxNonces = 20_000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly IOutages _outages = services.GetRequiredService<IOutages>();
    private readonly EvidenceFile _evidence = services.GetRequiredService<EvidenceFile>();
    private readonly Orders _orders = services.GetRequiredService<OrdersSource>().Make();
    private readonly ILogger _logger = services.GetRequiredService<ILogger<DeploymentGrain>>();
    private readonly NonceMemory _nonces = new(services.GetRequiredService<TimeProvider>(), MaxNonces, isCache: true);
    private Journal _journal = null!;
    private bool _measured;
    private IGrainTimer? _soon;

    private DeploymentId Id => DeploymentId.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _journal = await Journal.OpenAsync(services, Id, $"{RuntimeIdentity}/{GrainContext.ActivationId}", cancellationToken);

    public async Task<int> OpenAsync(ChangeOpened change)
    {
        // The caller only says that something changed: what is built and who wrote it is read from where it lives.
        change = await services.GetRequiredService<Changes>().ReadAsync(Id, change.Application.Name);
        var newest = _journal.Progress.Newest;
        if (newest is not null && (newest.Head, newest.Base) == (change.Head, change.Base))
        {
            return newest.Attempt;
        }
        await OpenAttemptAsync(change, Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway));
        await AdvanceAsync();
        return _journal.Progress.Newest!.Attempt;
    }

    public async Task CloseAsync()
    {
        foreach (var attempt in Commands.CheckClose(_journal.Progress, Id))
        {
            await RecordAsync(new LogEntry.CancelRequested(
                attempt.Attempt, Now(), Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway), Codes.ChangeClosed));
        }
        await AdvanceAsync();
    }

    public async Task WakeAsync()
    {
        try
        {
            await AdvanceAsync(woken: true);
        }
        catch
        {
            // Whoever woke it puts the next look off in the head, which this activation then no longer knows.
            _journal.ForgetDue();
            throw;
        }
    }

    public async Task<DeploymentView?> GetAsync() =>
        _journal.Progress.Newest is null ? null : await services.GetRequiredService<DeploymentViews>().MakeAsync(_journal, _orders, _time.GetUtcNow());

    public async Task CommandAsync(Command command, string? target)
    {
        if (command == Command.RollBack)
        {
            await _journal.CompleteAsync();
        }
        var attempt = Commands.Check(_journal.Progress, command, Id);
        if (command == Command.RollBack)
        {
            attempt = await CheckRollBackAsync(attempt, target);
        }
        var actor = Caller.Current?.Initiator ?? Principal.OfRole(Role.Gateway);
        var again = command == Command.Retry && attempt.IsClosed ? await ReadAgainAsync(attempt) : null;
        await RecordAsync(new LogEntry.Commanded(attempt.Attempt, Now(), actor, command, target));
        if (again is not null)
        {
            await OpenAttemptAsync(again, actor);
        }
        try
        {
            await AdvanceAsync();
        }
        catch (OutsideException failure)
        {
            // The command is in the log and due: what it asks for is tried again at the next wake-up.
            LogNotAdvanced(failure, Id.ToString(), command);
        }
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Envelope>().ResumeAsync(this);

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public async Task OnNextAsync(Envelope item, StreamSequenceToken? token = null)
    {
        var answer = await OpenAsync(item);
        if (answer is null)
        {
            return;
        }
        if (answer.Kind == AnswerKind.Waiting)
        {
            _orders.NoteWaiting(_journal.Progress, answer);
            return;
        }
        using var span = Traces.Take(Traces.Answer, answer.Binding, item.TraceParent);
        try
        {
            await TakeAsync(answer, item);
        }
        catch (OutsideException)
        {
            // Its nonce is used up, so the same answer cannot come again: the question is put again instead.
            _orders.AskAgain();
            LookSoon();
            throw;
        }
    }

    private async Task<AgentAnswer?> OpenAsync(Envelope item)
    {
        try
        {
            return await services.GetRequiredService<Answers>().OpenAsync(Id, _journal.Progress, item, _nonces);
        }
        catch (OutsideException)
        {
            // Whether it was ever received could not be found out, so it is as good as lost.
            _orders.AskAgain();
            LookSoon();
            throw;
        }
    }

    // The time of the next look is in a database that just failed, and a desk that has answered is quiet for minutes.
    private void LookSoon()
    {
        _soon?.Dispose();
        _soon = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(Soon, Timeout.InfiniteTimeSpan) { KeepAlive = true });
    }

    private async Task LookAsync()
    {
        try
        {
            await AdvanceAsync(woken: true);
        }
        catch (Exception failure) when (Causes.IsOfMaestroItself(failure))
        {
            LookSoon();
        }
    }

    private async Task TakeAsync(AgentAnswer answer, Envelope item)
    {
        if (await services.GetRequiredService<Answers>().ToEntryAsync(Id, _journal.Progress, answer, item, Now()) is not { } entry)
        {
            return;
        }
        await RecordAsync(entry);
        if (entry is LogEntry.Proved { Stage: Stage.RehearseRollback })
        {
            // Not before the proof is durable: a rehearsal that is asked again needs staging.
            await services.GetRequiredService<Locks>().ReleaseStagingAsync(await _journal.ChangeAsync(), Id, entry.Attempt);
        }
        await AdvanceAsync();
    }

    private async Task<ChangeOpened> ReadAgainAsync(AttemptProgress attempt)
    {
        var opened = await _evidence.ReadOpenedAsync(Id, attempt.Attempt, attempt.Evidence, CancellationToken.None);
        return await services.GetRequiredService<Changes>().ReadAsync(Id, opened.Change.Application.Name);
    }

    // Which attempt's release is live is the environment's to say: after a rollback it may be an older one than the newest that finished.
    private async Task<AttemptProgress> CheckRollBackAsync(AttemptProgress attempt, string? target)
    {
        var change = (await _evidence.ReadOpenedAsync(Id, attempt.Attempt, attempt.Evidence, CancellationToken.None)).Change;
        var key = new EnvironmentKey(change.Application.Name, EnvironmentSettings.ProductionName);
        var production = await GrainFactory.GetGrain<IEnvironmentGrain>(key.ToString()).GetAsync();
        attempt = Commands.FindLive(_journal.Progress, production, Id) ?? attempt;
        return Commands.FindFault(production, attempt, Id, target) is { } fault ? throw new RefusedException(fault) : attempt;
    }

    private async Task OpenAttemptAsync(ChangeOpened change, string actor)
    {
        var attempt = (_journal.Progress.Newest?.Attempt ?? 0) + 1;
        var version = services.GetRequiredService<Plans>().Newest.Version;
        var evidence = await _evidence.PutAsync(new OpenedAttempt(Id, attempt, version, change, Now()), CancellationToken.None);
        _journal.Change = change;
        await RecordAsync(new LogEntry.AttemptOpened(attempt, Now(), actor, change.Head, change.Base, change.MergeTree, evidence, version));
    }

    private async Task AdvanceAsync(bool woken = false)
    {
        for (var round = 0; round < MaxRounds && await CarryOutAsync(); round++)
        {
        }
        await _journal.SetDueAsync(_orders.NextLook(_journal.Plan, _journal.Progress, Now(), _outages.Known), woken);
    }

    // True where something was recorded, so that the plan must be asked again.
    private async Task<bool> CarryOutAsync()
    {
        var recorded = false;
        foreach (var move in _journal.Plan?.Decide(_journal.Progress, Now(), _outages.Known) ?? [])
        {
            switch (move)
            {
                // A limit runs from the beginning, so what nobody could take up is not begun.
                case Move.Begin begin when services.GetRequiredService<IPresence>().FindAbsent(begin.Row) is not null:
                    break;
                case Move.Begin begin:
                    var (within, now) = (await LimitOfAsync(begin.Row), Now());
                    await RecordAsync(new LogEntry.Started(move.Attempt, now, Self, begin.Row.Stage, begin.Try, now + within));
                    recorded = true;
                    break;
                case Move.Ask or Move.Halt or Move.Undo:
                    await _orders.GiveAsync(Id, await _journal.ChangeAsync(), _journal.Progress, move, Now());
                    break;
                case Move.GiveUp give:
                    var detail = await _journal.PutReasonAsync(
                        Causes.NoAnswer(give.Row, _journal.Progress.Find(move.Attempt)!.Rows[give.Row.Stage].Within));
                    await RecordAsync(new LogEntry.Broke(move.Attempt, Now(), Self, give.Row.Stage, give.Try, give.Code, detail));
                    return true;
                case Move.Cancel cancel:
                    await RecordAsync(new LogEntry.CancelRequested(move.Attempt, Now(), Self, cancel.Code));
                    return true;
                case Move.Close close:
                    await services.GetRequiredService<Locks>().ReleaseAsync(await _journal.ChangeAsync(), Id, move.Attempt);
                    await RecordAsync(new LogEntry.Closed(move.Attempt, Now(), Self, close.Outcome, close.Code));
                    return true;
            }
        }
        return recorded;
    }

    private async Task<TimeSpan> LimitOfAsync(Row row)
    {
        if (row.Beyond is null)
        {
            return row.Within;
        }
        try
        {
            return row.LimitOf(await services.GetRequiredService<ManifestSource>().ReadAsync(await _journal.ChangeAsync(), CancellationToken.None));
        }
        catch (Exception unread) when (unread is RefusedException or OutsideException)
        {
            return row.LimitOf(null);
        }
    }

    private async Task RecordAsync(LogEntry entry)
    {
        using var span = Traces.Append(Id, entry);
        var before = _journal.Progress;
        // Before it is recorded: a crash in between calls people again under the same number, and never not at all.
        await services.GetRequiredService<Calls>().BeforeAsync(Id, _journal.Progress.With(entry), entry);
        if (!await _journal.RecordAsync(entry))
        {
            // Another activation wrote first: what this one knows is old, so it goes, and the next one reads again.
            Instruments.AppendsFenced.Add(1);
            LogFenced(Id.ToString(), _journal.Progress.Number + 1);
            DeactivateOnIdle();
            throw new OutsideException(new Reason("log.fenced", "Only a writer that has seen every entry may add one.",
                $"entry {_journal.Progress.Number + 1} to be free", "another writer's entry", "Nothing is lost; the deployment reads its log again."));
        }
        await TellAsync(before, entry);
    }

    private async Task TellAsync(Progress before, LogEntry entry)
    {
        Recordings.Tell(Id, services.GetRequiredService<Plans>(), before, entry, stage => _orders.WaitingFor(entry.Attempt, stage) is not null);
        if (!_measured)
        {
            _measured = true;
            await services.GetRequiredService<Deaths>().MeasureAsync(services.GetRequiredService<IDeploymentLog>(), Id, before.Number);
        }
    }

    private static string Self => Principal.OfRole(Role.Control);

    // Whole milliseconds, so that the time in the log and the time in the head's snapshot are the same.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());

    [LoggerMessage(LogLevel.Warning, "{Deployment}: entry {Number} was written by another activation; this one ends")]
    private partial void LogFenced(string deployment, int number);

    [LoggerMessage(LogLevel.Warning, "{Deployment}: {Command} is recorded and could not be carried out at once; it is tried again")]
    private partial void LogNotAdvanced(Exception failure, string deployment, Command command);
}
