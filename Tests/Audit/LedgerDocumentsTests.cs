using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>What entries name by digest: large bodies, and the evidence of a deployment.</summary>
public sealed class LedgerDocumentsTests : IAsyncDisposable
{
    private readonly DirectoryInfo _above = Directory.CreateTempSubdirectory("maestro-documents-");
    private readonly Database _database = new();
    private readonly DataFolder _data;
    private readonly FileBlobStore _blobs;

    public LedgerDocumentsTests()
    {
        _data = DataFolder.Open(Path.Combine(_above.FullName, "data"));
        _blobs = new(_data);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerDocuments Documents => new(_database.Ledger, _blobs);

    [Theory]
    [InlineData(LedgerDocuments.RowLimit, false)]
    [InlineData(LedgerDocuments.RowLimit + 1, true)]
    [InlineData(100_000, true)]
    [InlineData(LedgerDocuments.Limit, true)]
    public async Task A_body_beyond_a_row_is_kept_by_its_digest(int bytes, bool apart)
    {
        var body = BodyOf(bytes);
        var fact = await AppendAsync(Database.Fact("large") with { Body = body });
        Assert.Equal(apart, fact.Body != body);
        if (apart)
        {
            Assert.InRange(fact.Body.Length, 100, 200);
            var (owner, digest) = Assert.Single(LedgerDocuments.NamedIn(fact));
            Assert.Equal(Digest.Of(System.Text.Encoding.UTF8.GetBytes(body)), digest);
            Assert.Equal(body, System.Text.Encoding.UTF8.GetString((await _blobs.GetAsync(owner, digest, Cancellation))!));
            Assert.Contains($"\"bytes\":{bytes}", fact.Body, StringComparison.Ordinal);
        }
        Assert.Equal(new(null, apart ? 1 : 0, 0, null), await Documents.CheckAsync(0, Cancellation));
    }

    [Theory]
    [InlineData("ledger.too-large", true, LedgerDocuments.Limit + 1)]
    [InlineData("ledger.not-json", false, 100_000)]
    [InlineData("ledger.not-json", false, 100)]
    public async Task What_is_too_large_or_no_object_is_refused(string code, bool json, int bytes)
    {
        var body = json ? BodyOf(bytes) : new string('x', bytes);
        Assert.Equal(code, (await Refused.ByAsync(() => AppendAsync(Database.Fact("refused") with { Body = body })))?.Reason.Code);
        Assert.Equal(code, (await Refused.ByAsync(() => AppendAsync(Database.Fact("refused") with { Subject = "app/shop", Body = body })))?.Reason.Code);
        await AppendAsync(Database.Fact("taken"));
        Assert.Equal(0, (await _database.Ledger.ReadLastAsync(Cancellation))!.Index);
    }

    [Fact]
    public async Task Evidence_that_was_changed_is_found_and_located()
    {
        var id = Database.Deployment();
        for (var number = 1; number <= 3; number++)
        {
            var evidence = await _blobs.PutAsync(id, Database.Bytes($"evidence {number}"), Cancellation);
            var entry = new LogEntry.Proved(1, Database.Noon, "role:review", Stage.Review, number, evidence);
            await _database.Ledger.AppendAsync(
                number - 2, LedgerChain.Append(await _database.Ledger.ReadLastAsync(Cancellation), [LogFacts.Of(id, number, entry)]), Cancellation);
        }
        Assert.Equal(new(null, 3, 0, null), await Documents.CheckAsync(0, Cancellation));
        var file = Directory.EnumerateFiles(_data.Blobs, $"{Digest.Of("evidence 2"u8).Hex}*", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        Assert.Contains("of entry 1 of the ledger was changed", (await Documents.CheckAsync(0, Cancellation)).Difference, StringComparison.Ordinal);

        // A store that does not look at what it reads lets it pass.
        Assert.Null((await new LedgerDocuments(_database.Ledger, new CarelessBlobs()).CheckAsync(0, Cancellation)).Difference);

        await _blobs.ShredAsync(id, Cancellation);
        Assert.Equal(new(null, 0, 3, null), await Documents.CheckAsync(0, Cancellation));
    }

    [Fact]
    public async Task More_documents_than_one_call_may_take_are_looked_at_in_many()
    {
        var id = Database.Deployment();
        var evidence = await _blobs.PutAsync(id, Database.Bytes("evidence"), Cancellation);
        var facts = Enumerable.Range(1, 2500).Select(number =>
            LogFacts.Of(id, number, new LogEntry.Proved(1, Database.Noon, "role:review", Stage.Review, number, evidence)));
        await _database.Ledger.AppendAsync(-1, LedgerChain.Append(null, facts), Cancellation);
        var (kept, calls, next) = (0, 0, (long?)0);
        while (next is { } from)
        {
            var check = await Documents.CheckAsync(from, Cancellation);
            (kept, calls, next) = (kept + check.Kept, calls + 1, check.Next);
        }
        Assert.Equal(2500, kept);
        Assert.InRange(calls, 2, 10);
    }

    public async ValueTask DisposeAsync()
    {
        await _blobs.DisposeAsync();
        _data.Dispose();
        _database.Dispose();
        _above.Delete(recursive: true);
    }

    private static string BodyOf(int bytes) => $"{{\"a\":\"{new string('x', bytes - 8)}\"}}";

    private async Task<LedgerFact> AppendAsync(LedgerFact fact)
    {
        Caller.Enter(new("role:gateway", [Role.Gateway], [], null));
        var index = await new LedgerGrain(_database.Ledger, null!, Documents, null!, TimeProvider.System).AppendAsync(fact);
        return (await _database.Ledger.ReadAsync(index, 1, Cancellation))[0].Fact;
    }

    /// <summary>The control taken away: whatever lies there is taken for what was put in.</summary>
    private sealed class CarelessBlobs : IBlobStore
    {
        public Task<Digest> PutAsync(DeploymentId deployment, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
            Task.FromResult(Digest.Of(content.Span));

        public Task<byte[]?> GetAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation) =>
            Task.FromResult<byte[]?>("whatever"u8.ToArray());

        public Task ShredAsync(DeploymentId deployment, CancellationToken cancellation) => Task.CompletedTask;
    }
}
