using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Audit;

/// <summary>A ledger in a database with real keys over it, and a folder outside it for the newest checkpoint.</summary>
internal sealed class SignedLedger : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FileKeyring _keyring;
    private readonly TestDatabase _database;

    public SignedLedger(TestDatabase database)
    {
        _database = database;
        new Registrar(_folder.Keys, TimeProvider.System).Supply(Principal.SiloRoles);
        var root = KeyRegistry.RootOf(_folder.Keys);
        var roster = new RosterFile(_folder.RosterPath, root, TimeProvider.System, NullLogger<RosterFile>.Instance);
        _keyring = FileKeyring.Open(_folder.Keys, root, Principal.SiloRoles, roster);
        Keys = new(_keyring, LedgerOrigin.Of(root));
        Copy = new CheckpointFolder(_folder["checkpoints"]);
    }

    public CheckpointKeys Keys { get; }

    public ICheckpointCopy Copy { get; set; }

    /// <summary>Whose cosignatures count beside those of the roles.</summary>
    public OutsideKeys Outside { get; set; } = OutsideKeys.None;

    public LedgerTree Tree => new(_database.Ledger, _database.Tiles);

    public CheckpointGrain Grain => new(
        _database.Ledger, _database.Tiles, _database.Checkpoints, Copy, Keys, Outside, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Adds so many facts that are unlike those of any other word.</summary>
    public async Task AddAsync(int count, string word = "call")
    {
        while (count > 0)
        {
            var last = await _database.Ledger.ReadLastAsync(Cancellation);
            var facts = Enumerable.Range(0, Math.Min(1000, count)).Select(number => Database.Fact($"{word}/{(last?.Index ?? -1) + 1 + number}"));
            Assert.True(await _database.Ledger.AppendAsync(last?.Index ?? -1, LedgerChain.Append(last, facts), Cancellation));
            count -= 1000;
        }
    }

    public async Task<Checkpoint> SignAsync() => Keys.Read(SignedNote.Read((await Grain.SignAsync())!)!);

    public LedgerCheck Check => new(_database.Ledger, _database.Tiles, _database.Checkpoints, Copy, Keys);

    public Task<LedgerVerification> VerifyAsync() => Check.VerifyAsync(Cancellation);

    /// <summary>What somebody does who can write to the database: everything that was there is gone, and another history takes its place.</summary>
    public async Task ForkAsync(int count)
    {
        _database.Tamper(_database.WithoutGuards + _database.WithoutSignatureGuards
            + "DELETE FROM ledger_cosignature; DELETE FROM ledger_checkpoint; DELETE FROM ledger_tile; DELETE FROM ledger");
        File.Delete(_database.In(RememberedHead.FileName));
        await AddAsync(count, "other");
    }

    public void Dispose()
    {
        _keyring.Dispose();
        _folder.Dispose();
    }
}

/// <summary>The control taken away: nothing is kept outside the database.</summary>
internal sealed class ForgetfulCopy : ICheckpointCopy
{
    public SignedNote? Find() => null;

    public void Keep(SignedNote note)
    {
        // As if there were no other place.
    }
}
