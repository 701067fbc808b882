using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Maestro.Identity;
using Maestro.Outside;
using Orleans.Concurrency;

namespace Maestro.Audit;

/// <summary>
/// The one writer of the chain. Facts that come in while a batch is being written make up the next one; nobody gets an index before the
/// entry is durable. A second activation loses the compare-and-set and reads again.
/// </summary>
[Reentrant, ActsAs(Role.Ledger), GrainType("ledger")]
internal sealed class LedgerGrain(ILedgerStore store, LedgerCheck check) : Grain, ILedgerGrain
{
    private const int MaxBatch = 256;
    private const int MaxBody = 8 * 1024;
    private const int MaxKey = 500;
    private const string LogFacts = "log/";

    private readonly OrderedDictionary<string, LedgerFact> _pending = new(StringComparer.Ordinal);
    private Task<int>? _flush;
    private LedgerEntry? _last;
    private bool _read;

    public async Task<long> AppendAsync(LedgerFact fact)
    {
        fact = Attributed(fact);
        Check(fact);
        try
        {
            long? index;
            do
            {
                // Each time: another call with this key may have failed and taken it away.
                _pending.TryAdd(fact.Key, fact);
                await FlushAsync();
                index = await store.FindAsync(fact.Key, CancellationToken.None);
            }
            while (index is null);
            return index.Value;
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

    public async Task<ImmutableArray<LedgerEntry>> TailAsync(int count)
    {
        var last = await store.ReadLastAsync(CancellationToken.None);
        var wanted = Math.Clamp(count, 1, 1000);
        return last is null ? [] : await store.ReadAsync(Math.Max(0, last.Index + 1 - wanted), wanted, CancellationToken.None);
    }

    public async Task<LedgerVerification> VerifyAsync()
    {
        await DrainAsync();
        return await check.VerifyAsync(CancellationToken.None);
    }

    // Nobody names the actor of a fact: it is whoever was verified to call. Whom else the caller names, it acts for by its own word.
    private static LedgerFact Attributed(LedgerFact fact)
    {
        if (!LedgerChain.IsText(fact))
        {
            throw Refusal("ledger.not-text", "The ledger takes valid Unicode only.", "valid Unicode", "half a character");
        }
        var caller = Caller.Current?.Principal
            ?? throw Refusal("ledger.nobody", "The ledger says who told it.", "a verified caller", "none");
        return fact.Actor == caller || fact.Actor.Length == 0
            ? fact with { Actor = caller }
            : fact with { Actor = caller, Body = WithBehalf(fact.Body, fact.Actor) };
    }

    private static string WithBehalf(string body, string name)
    {
        try
        {
            var json = JsonNode.Parse(body)?.AsObject() ?? throw NoObject();
            json[LedgerFact.BehalfField] = name;
            return json.ToJsonString();
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or ArgumentException)
        {
            throw NoObject();
        }
    }

    private static Deployments.RefusedException NoObject() =>
        Refusal("ledger.not-json", "The body of a fact is a JSON object.", "a JSON object", "something else");

    // What cannot be chained is refused before it waits with the others: it would hold up every batch after it.
    private static void Check(LedgerFact fact)
    {
        var length = Encoding.UTF8.GetByteCount(fact.Body);
        if (length > MaxBody)
        {
            throw Refusal("ledger.too-large", "The ledger takes codes and digests only.", $"at most {MaxBody} bytes", $"{length}");
        }
        if (fact.Key.Length is 0 or > MaxKey)
        {
            throw Refusal("ledger.key", "A fact has a key.", $"1 to {MaxKey} characters", $"{fact.Key.Length}");
        }
        if (fact.Key.StartsWith(LogFacts, StringComparison.Ordinal))
        {
            throw Refusal("ledger.reserved", "Facts of the log come with the log only.", "another key", fact.Key);
        }
    }

    private static Deployments.RefusedException Refusal(string code, string rule, string expected, string found) =>
        new(new Deployments.Reason(code, rule, expected, found, "Store the text as a blob and name its digest."));

    // Whoever comes while a batch is under way waits for the one after it.
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
        var facts = (await store.ReadOutboxAsync(MaxBatch, CancellationToken.None)).Concat(batch).DistinctBy(fact => fact.Key).ToList();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var fact in batch)
        {
            if (await store.FindAsync(fact.Key, CancellationToken.None) is not null)
            {
                known.Add(fact.Key);
            }
        }
        var entries = LedgerChain.Append(_last, facts.Where(fact => !known.Contains(fact.Key)));
        if (entries.Length > 0 && !await store.AppendAsync(_last?.Index ?? -1, entries, CancellationToken.None))
        {
            _read = false;
            return 0;
        }
        _last = entries.Length > 0 ? entries[^1] : _last;
        batch.ForEach(fact => _pending.Remove(fact.Key));
        return entries.Length;
    }
}
