using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Evidence;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>A deployment's log as its grain works with it: the fold in memory, appends with head and ledger fact in one write.</summary>
public sealed class Journal
{
    private const int PageSize = 256;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly IDeploymentLog _log;
    private readonly IBlobStore _blobs;
    private readonly EvidenceFile _evidence;
    private readonly WakeSignal _signal;
    private readonly Plans _plans;
    private readonly string _writer;
    private DateTimeOffset? _due;

    private Journal(IServiceProvider services, DeploymentId id, string writer, Progress progress)
    {
        (Id, _writer, Progress) = (id, writer, progress);
        _log = services.GetRequiredService<IDeploymentLog>();
        _blobs = services.GetRequiredService<IBlobStore>();
        _evidence = services.GetRequiredService<EvidenceFile>();
        _signal = services.GetRequiredService<WakeSignal>();
        _plans = services.GetRequiredService<Plans>();
    }

    public DeploymentId Id { get; }

    public Progress Progress { get; private set; }

    /// <summary>The change of the attempt that may move, else of the newest; set by whoever opens an attempt.</summary>
    public ChangeOpened? Change { get; set; }

    /// <summary>The version of the plan that the active attempt was opened with; null where this silo does not know it.</summary>
    public Plan? Plan => Progress.Active is { } active ? _plans.Find(active.TableVersion) : _plans.Newest;

    public static async Task<Journal> OpenAsync(IServiceProvider services, DeploymentId id, string writer, CancellationToken cancellation)
    {
        var log = services.GetRequiredService<IDeploymentLog>();
        var head = await log.ReadHeadAsync(id, cancellation);
        var progress = Progress.Empty;
        if (head is { Snapshot.IsEmpty: false })
        {
            try
            {
                progress = Snapshot.Read(head.Snapshot);
            }
            catch (FormatException)
            {
                progress = Progress.Empty;
            }
        }
        await foreach (var stored in ReadFromAsync(log, id, progress.Number + 1, cancellation))
        {
            progress = progress.With(stored.Entry);
        }
        return new(services, id, writer, progress) { _due = head?.Due };
    }

    public static async IAsyncEnumerable<StoredEntry> ReadFromAsync(
        IDeploymentLog log, DeploymentId id, int from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        ImmutableArray<StoredEntry> page;
        do
        {
            page = await log.ReadAsync(id, from, PageSize, cancellation);
            foreach (var entry in page)
            {
                yield return entry;
            }
            from += page.Length;
        }
        while (page.Length == PageSize);
    }

    /// <summary>Reads the older attempts that the head left out, which only a rollback asks for.</summary>
    public async Task CompleteAsync()
    {
        if (!Progress.Shortened)
        {
            return;
        }
        var (whole, number) = (Progress.Empty, Progress.Number);
        await foreach (var stored in ReadFromAsync(_log, Id, 1, CancellationToken.None))
        {
            if (stored.Number > number)
            {
                break;
            }
            whole = whole.With(stored.Entry);
        }
        // Somebody may have been let in while the log was read.
        Progress = Progress.Number == number ? whole : Progress;
    }

    /// <summary>Appends, durably. False where another writer was first; then nothing here may be relied on any more.</summary>
    public async Task<bool> RecordAsync(LogEntry entry)
    {
        var next = Progress.With(entry);
        if (entry is not LogEntry.AttemptOpened && next.Active?.Attempt != Progress.Active?.Attempt)
        {
            Change = null;
        }
        var change = Change ?? await ReadChangeAsync(next);
        var (now, version) = (entry.At, (next.Find(entry.Attempt) ?? next.Newest)?.TableVersion ?? _plans.Newest.Version);
        var head = new Head(
            Id, change?.Application.Name ?? "", next.Newest?.Attempt ?? 0, next.Number, version, Statuses.Of(next, now, _plans), Statuses.StageOf(next),
            next.Newest?.Head ?? "", next.Newest?.Base ?? "", now, next.Active is null ? null : NextDue(now), Snapshot.Write(next));
        var append = new Append(Id, next.Number, entry, version, _writer, head, [LogFacts.Of(Id, next.Number, entry)]);
        if (!await _log.AppendAsync(append, CancellationToken.None))
        {
            return false;
        }
        (Progress, _due) = (next, head.Due);
        _signal.Set();
        return true;
    }

    /// <summary>
    /// Moves the time of the next look. One that is stored and comes too early stays: whoever is woken by it moves it then, so that a step costs one
    /// write.
    /// </summary>
    /// <param name="woken">The stored time has come, or somebody else has moved it.</param>
    public async Task SetDueAsync(DateTimeOffset? due, bool woken)
    {
        if (Progress.Number > 0 && (woken || (due != _due && !(_due <= due))))
        {
            await _log.SetDueAsync(Id, Progress.Number, due, CancellationToken.None);
            _due = due;
        }
    }

    /// <summary>Somebody else may have moved the time of the next look, so the next one is written whatever it is.</summary>
    public void ForgetDue() => _due = DateTimeOffset.MaxValue;

    /// <summary>The change of the attempt that may move.</summary>
    public async Task<ChangeOpened> ChangeAsync() => Change ??= await ReadChangeAsync(Progress) ?? throw new OutsideException(new Reason(
        "log.empty", "A deployment has an attempt.", "an attempt", "an empty log", "Open the pull request again with: maestro open."));

    /// <summary>Keeps a reason's text with the evidence; the log takes only its code and digest.</summary>
    public async Task<Digest> PutReasonAsync(Reason reason) =>
        await _blobs.PutAsync(Id, JsonSerializer.SerializeToUtf8Bytes(reason, LogJson.Options), CancellationToken.None);

    // Who writes goes on by itself. If it cannot, somebody looks soon; a time that is near stays as it is, so that no index has to change.
    private DateTimeOffset NextDue(DateTimeOffset now) => _due is { } near && near > now && near <= now + Soon ? near : now + Soon;

    private async Task<ChangeOpened?> ReadChangeAsync(Progress progress) => (progress.Active ?? progress.Newest) is { } attempt
        ? (await _evidence.ReadOpenedAsync(Id, attempt.Attempt, attempt.Evidence, CancellationToken.None)).Change
        : null;
}
