using System.Globalization;
using System.Text.Json;
using Maestro.Client;
using Maestro.Connection;
using Maestro.Storage;

namespace Maestro.Audit;

/// <summary>The console writes the ledger for others, who can compute everything again.</summary>
public sealed class LedgerExportTests : IDisposable
{
    private readonly Database _database = new();
    private readonly SignedLedger _signed;

    public LedgerExportTests() => _signed = new(_database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_reads_an_export_can_compute_the_root_that_was_signed()
    {
        var run = await ExportAsync(2345);
        var lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(2346, lines.Length);
        Assert.Equal(RootIn(lines), RootOf(lines[..^1]));
        var checkpoint = _signed.Keys.Read(SignedNote.Read(Json(lines[^1]).GetProperty("checkpoint").GetProperty("note").GetString()!)!);
        Assert.Equal(RootIn(lines), Convert.ToHexStringLower([.. checkpoint.Root]));
        // A line that was changed, or left out, has another root.
        Assert.NotEqual(RootIn(lines), RootOf([.. lines[..7], lines[7].Replace("role:gateway", "role:desk", StringComparison.Ordinal), .. lines[8..^1]]));
        Assert.NotEqual(RootIn(lines), RootOf([.. lines[..7], .. lines[8..^1]]));
        Assert.Equal(3, _pages.Count);
        Assert.All(_pages, page => Assert.InRange(page, 1, 1000));
    }

    [Theory]
    [InlineData("--from 5 --to 9", 5, 9)]
    [InlineData("--from 1200", 1200, 1299)]
    [InlineData("--to 0", 0, 0)]
    [InlineData("--to 999999", 0, 1299)]
    [InlineData("--since 2025-03-01", 0, 1299)]
    public async Task A_part_is_a_part(string options, int first, int last)
    {
        var lines = (await ExportAsync(1300, options.Split(' '))).Out.TrimEnd('\n').Split('\n');
        Assert.Equal(last - first + 1, lines.Length - 1);
        Assert.Equal((first, last), (Json(lines[0]).GetProperty("index").GetInt32(), Json(lines[^2]).GetProperty("index").GetInt32()));
        Assert.Equal(last - first + 1, Json(lines[^1]).GetProperty("entries").GetInt32());
    }

    [Theory]
    [InlineData("--from -1")]
    [InlineData("--from x")]
    [InlineData("--since yesterday")]
    [InlineData("--from 1 --since 2025-03-01")]
    [InlineData("--from 99999")]
    [InlineData("--format xml")]
    public async Task What_cannot_be_exported_is_said_in_a_sentence(string options)
    {
        var run = await ExportAsync(3, options.Split(' '));
        Assert.NotEqual(ExitCode.Done, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("UPDATE ledger SET actor = 'ann' WHERE idx = 1100", "Entry 1100 ")]
    [InlineData("DELETE FROM ledger WHERE idx = 1100", "Entry 1100 ")]
    [InlineData("UPDATE ledger SET actor = 'ann' WHERE idx = 0", "another root")]
    public async Task A_ledger_that_was_changed_is_not_exported_whole(string attack, string said)
    {
        await _signed.AddAsync(1300);
        await _signed.SignAsync();
        _database.Tamper(_database.WithoutGuards + attack);
        var file = _database.In("export.jsonl");
        var run = await RunAsync("--output", file);
        Assert.Equal(ExitCode.Refused, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.False(File.Exists($"{file}.part"));
    }

    [Fact]
    public async Task A_file_is_its_owners_and_has_everything()
    {
        var file = _database.In("export.jsonl");
        var run = await ExportAsync(12, "--output", file);
        Assert.Equal($"12 entries are in {file}.", run.Out.Trim());
        Assert.Equal(13, (await File.ReadAllLinesAsync(file, Cancellation)).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var unwritable = await RunAsync("--output", Path.Combine(file, "below"));
        Assert.NotEqual(ExitCode.Done, unwritable.ExitCode);
    }

    [Fact]
    public async Task An_event_a_line_for_security_tools()
    {
        var lines = (await ExportAsync(30, "--format", "ocsf", "--ocsf-version", "1.9-dev")).Out.TrimEnd('\n').Split('\n');
        Assert.Equal(31, lines.Length);
        Assert.All(lines, line => Assert.Equal("1.9.0-dev", Json(line).GetProperty("metadata").GetProperty("version").GetString()));
        Assert.Contains("maestro/", Json(lines[^1]).GetProperty("unmapped").GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _signed.Dispose();
        _database.Dispose();
    }

    private readonly List<int> _pages = [];

    private async Task<ConsoleRun> ExportAsync(int entries, params string[] options)
    {
        await _signed.AddAsync(entries);
        await _signed.SignAsync();
        return await RunAsync(options);
    }

    private Task<ConsoleRun> RunAsync(params string[] options)
    {
        var ledger = new LedgerGrain(_database.Ledger, _signed.Check, new(_database.Ledger, new MemoryBlobs()), null!, TimeProvider.System);
        var silo = new SpokenSilo()
            .With<ILedgerGrain>("ledger/main", "ReadAsync", asked =>
            {
                _pages.Add((int)asked[1]!);
                return ledger.ReadAsync((long)asked[0]!, (int)asked[1]!);
            })
            .With<ILedgerGrain>("ledger/main", "SeekAsync", asked => ledger.SeekAsync((DateTimeOffset)asked[0]!))
            .With<ICheckpointGrain>(ICheckpointGrain.Key, "GrowthAsync", asked => _signed.Grain.GrowthAsync((long)asked[0]!));
        return ConsoleRun.OfAsync(silo, ["audit", "export", .. options]);
    }

    private static JsonElement Json(string line) => JsonElement.Parse(line);

    private static string RootIn(string[] lines) => Json(lines[^1]).GetProperty("checkpoint").GetProperty("root").GetString()!;

    // As somebody does who knows the format only.
    private static string RootOf(string[] lines)
    {
        var tree = new MerkleFrontier();
        foreach (var line in lines.Select(Json))
        {
            string Field(string name) => line.GetProperty("fact").GetProperty(name).GetString()!;
            var fact = new LedgerFact(
                Field("key"), DateTimeOffset.Parse(Field("at"), CultureInfo.InvariantCulture), Field("kind"), Field("actor"), Field("subject"), Field("body"));
            var (index, before) = (line.GetProperty("index").GetInt64(), line.GetProperty("before").GetString()!);
            tree.Add(MerkleTree.LeafHash(LedgerChain.Encode(index, before, fact)));
        }
        return Convert.ToHexStringLower(tree.Root());
    }
}
