using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Rows;
using Orleans.Concurrency;

namespace Maestro.Audit;

/// <summary>
/// The one writer of the chain. Facts that come in while a batch is being written make up the next one; nobody gets an index before the
/// entry is durable. A second activation loses the compare-and-set and reads again.
/// </summary>
[Reentrant, ActsAs(Role.Ledger), GrainType("ledger")]
internal sealed class LedgerGrain(ILedgerStore store, LedgerCheck check, LedgerDocuments documents, CheckpointKeys keys, TimeProvider time)
    : Grain, ILedgerGrain
{
    private const int MaxBatch = 256;
    private const int MaxPage = 1000;
    private const int MaxKey = 400;
    private const int MaxName = 1000;
    private const string LogFacts = "log/";

    private readonly LedgerRowFacts _rows = new(store, keys, time);
    private readonly LedgerLogFacts _logs = new(store);
    private readonly OrderedDictionary<string, Waiting> _pending = new(StringComparer.Ordinal);
    private Task<int>? _flush;
    private LedgerEntry? _last;
    private bool _read;

    public async Task<long> AppendAsync(LedgerFact fact)
    {
        Check(fact);
        // By its digest before the caller's word is written beside it: the digest is that of what was told.
        return (await PlaceAsync(Named(Attributed(await documents.StoreAsync(fact, CancellationToken.None))))).Index;
    }

    private async Task<(long Index, bool IsNew)> PlaceAsync(LedgerFact fact)
    {
        var waiting = new Waiting(fact);
        try
        {
            while (!waiting.Place.IsCompleted)
            {
                // Each time: another call with this key may have failed and taken it away.
                waiting = _pending.TryGetValue(fact.Key, out var known) ? known : Add(waiting);
                // Whoever comes while a batch is under way is in the one after it, which the first of them writes for all.
                await (_flush is { IsCompleted: false } running ? running : FlushAsync());
            }
            var (index, placed) = await waiting.Place;
            return (index, placed == fact);
        }
        finally
        {
            _pending.Remove(fact.Key);
        }
    }

    public async Task<int> DrainAsync()
    {
        var drained = 0;
        int count;
        do
        {
            count = await FlushAsync();
            drained += count;
        }
        while (count >= MaxBatch);
        return drained;
    }

    public async Task<ImmutableArray<string?>> FindLogAsync(string deployment, int from, int count)
    {
        // What was written a moment ago may wait for its place still.
        await DrainAsync();
        return await _logs.FindAsync(deployment, from, count);
    }

    public Task<RowStanding?> FindRowAsync(string row) => _rows.FindAsync(row);

    public async Task<RowStanding> TellRowAsync(string row, long number, string mark)
    {
        var (index, isNew) = await PlaceAsync(Attributed(_rows.WrittenOf(row, number, mark)));
        return isNew ? new(index, number, mark) : await _rows.FindAsync(row) ?? throw new InvalidOperationException("What the ledger took it has.");
    }

    public Task<bool> IsAcceptedAsync(string row, string digest) => _rows.IsAcceptedAsync(
        row, digest, index => GrainFactory.GetGrain<ICheckpointGrain>(ICheckpointGrain.Key).ProveAsync(index));

    public async Task AcceptRowAsync(string row, string digest, string reason)
    {
        var fact = await _rows.AcceptanceOfAsync(row, digest, reason);
        await PlaceAsync(Attributed(fact));
    }

    public async Task<ImmutableArray<LedgerEntry>> TailAsync(int count)
    {
        var last = await store.ReadLastAsync(CancellationToken.None);
        var wanted = Math.Clamp(count, 1, MaxPage);
        return last is null ? [] : await store.ReadAsync(Math.Max(0, last.Index + 1 - wanted), wanted, CancellationToken.None);
    }

    public Task<ImmutableArray<LedgerEntry>> ReadAsync(long from, int count) =>
        store.ReadAsync(Math.Max(0, from), Math.Clamp(count, 1, MaxPage), CancellationToken.None);

    public async Task<long> SeekAsync(DateTimeOffset at)
    {
        var (first, end) = (0L, (await store.ReadLastAsync(CancellationToken.None))?.Index + 1 ?? 0);
        while (first < end)
        {
            var middle = first + ((end - first) / 2);
            var found = await store.ReadAsync(middle, 1, CancellationToken.None);
            (first, end) = found is [var entry] && entry.Fact.At < at ? (middle + 1, end) : (first, middle);
        }
        return first;
    }

    public Task<DocumentCheck> CheckDocumentsAsync(long from) => documents.CheckAsync(Math.Max(0, from), CancellationToken.None);

    public async Task<LedgerVerification> VerifyAsync()
    {
        await DrainAsync();
        return await check.VerifyAsync(CancellationToken.None);
    }

    // Nobody names the actor of a fact: it is whoever was verified to call. Whom else the caller names, it acts for by its own word.
    private static LedgerFact Attributed(LedgerFact fact)
    {
        var caller = Caller.Current?.Principal
            ?? throw Refusal("ledger.nobody", "The ledger says who told it.", "a verified caller", "none");
        return fact.Actor == caller || fact.Actor.Length == 0
            ? fact with { Actor = caller }
            : fact with { Actor = caller, Body = WithBehalf(fact.Body, fact.Actor) };
    }

    // What one role tells under a name does not hide what another tells under the same one.
    private static LedgerFact Named(LedgerFact fact) => fact with { Key = $"told/{fact.Actor}/{fact.Key}" };

    private static string WithBehalf(string body, string name)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json[LedgerFact.BehalfField] = name;
        return json.ToJsonString();
    }

    // What cannot be chained is refused before it waits with the others: it would hold up every batch after it.
    private static void Check(LedgerFact fact)
    {
        if (!LedgerChain.IsText(fact))
        {
            throw Refusal("ledger.not-text", "The ledger takes valid Unicode only.", "valid Unicode", "half a character");
        }
        if (fact.Key.Length is 0 or > MaxKey)
        {
            throw Refusal("ledger.key", "A fact has a key.", $"1 to {MaxKey} characters", $"{fact.Key.Length}");
        }
        if (fact.Key.StartsWith(LogFacts, StringComparison.Ordinal))
        {
            throw Refusal("ledger.reserved", "Facts of the log come with the log only.", "another key", fact.Key);
        }
        if (LedgerRowFacts.IsReserved(fact.Key))
        {
            throw Refusal("ledger.reserved", "Facts of rows come from those who keep them.", "another key", fact.Key);
        }
        var longest = new[] { fact.Kind, fact.Actor, fact.Subject }.Max(name => name.Length);
        if (longest > MaxName)
        {
            throw Refusal("ledger.name", "Kind, actor and subject of a fact are names.", $"at most {MaxName} characters", $"{longest}");
        }
        var length = Encoding.UTF8.GetByteCount(fact.Body);
        if (length > LedgerDocuments.Limit)
        {
            throw Refusal("ledger.too-large", "A fact's document has a limit.", $"at most {LedgerDocuments.Limit} bytes", $"{length}");
        }
        if (!IsObject(fact.Body))
        {
            throw Refusal("ledger.not-json", "The body of a fact is a JSON object.", "a JSON object", "something else");
        }
    }

    // Also read as a tree of nodes where somebody is named in it, which takes no name twice.
    private static bool IsObject(string body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false }) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Deployments.RefusedException Refusal(string code, string rule, string expected, string found) =>
        new(new Deployments.Reason(code, rule, expected, found, "Name it by its digest."));

    private async Task<int> FlushAsync()
    {
        while (_flush is { IsCompleted: false } running)
        {
            await running;
        }
        return await (_flush = WriteAsync());
    }

    private async Task<int> WriteAsync()
    {
        if (!_read)
        {
            (_last, _read) = (await store.ReadLastAsync(CancellationToken.None), true);
        }
        var batch = _pending.Values.Take(MaxBatch).ToList();
        var told = await store.ReadOutboxAsync(MaxBatch, CancellationToken.None);
        var known = batch.Count == 0 ? [] : await store.FindAsync([.. batch.Select(waiting => waiting.Fact.Key)], CancellationToken.None);
        var facts = told.Concat(batch.Select(waiting => waiting.Fact)).DistinctBy(fact => fact.Key).Where(fact => !known.ContainsKey(fact.Key));
        var entries = LedgerChain.Append(_last, facts);
        if (entries.Length > 0 && !await store.AppendAsync(_last?.Index ?? -1, entries, CancellationToken.None))
        {
            _read = false;
            return 0;
        }
        _last = entries.Length > 0 ? entries[^1] : _last;
        var places = entries.ToDictionary(entry => entry.Fact.Key, entry => (entry.Index, (LedgerFact?)entry.Fact), StringComparer.Ordinal);
        foreach (var waiting in batch)
        {
            waiting.Take(places.TryGetValue(waiting.Fact.Key, out var place) ? place : (known[waiting.Fact.Key], null));
            _pending.Remove(waiting.Fact.Key);
        }
        return entries.Length;
    }

    private Waiting Add(Waiting waiting)
    {
        _pending.Add(waiting.Fact.Key, waiting);
        return waiting;
    }

    /// <summary>A fact that has no place yet.</summary>
    private sealed class Waiting(LedgerFact fact)
    {
        private readonly TaskCompletionSource<(long Index, LedgerFact? New)> _place = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LedgerFact Fact => fact;

        /// <summary>Where it is, and what was placed there now; null where its key had a place already.</summary>
        public Task<(long Index, LedgerFact? New)> Place => _place.Task;

        public void Take((long Index, LedgerFact? New) place) => _place.TrySetResult(place);
    }
}
