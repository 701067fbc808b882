using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>
/// Carries the root's word from silo to silo: a silo of the control role offers what lies in its folder to the database, every silo takes what
/// is newer into its own. So a revoked key is revoked everywhere within seconds, and the ledger says so.
/// </summary>
internal sealed partial class TrustRounds(
    ITrustStore store, TrustFolder folder, SiloSettings settings, StandingRole standing, IGrainFactory grains, TimeProvider time, ILogger<TrustRounds> logger)
    : Rounds(standing.Role, Pace, time)
{
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private const int Batch = 100;
    private readonly TimeProvider _time = time;
    private readonly RefusalPace _pace = new(time);
    private readonly List<TrustNews> _untold = [];
    private (DateTime, DateTime) _offered;
    private long _place;
    private bool _watching;

    private bool IsControl => settings.Roles.Contains(Role.Control);

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        await OfferAsync(cancellation);
        await TakeAsync(cancellation);
        if (IsControl)
        {
            await TellAsync();
        }
    }

    private async Task OfferAsync(CancellationToken cancellation)
    {
        var stamp = folder.Stamp;
        if (stamp == _offered)
        {
            return;
        }
        foreach (var (kind, number, content) in folder.Documents)
        {
            await store.AddAsync(kind, number, content, cancellation);
        }
        // A file that was changed a moment ago may be changed again without another stamp.
        _offered = (Now.UtcDateTime - (stamp.Item1 > stamp.Item2 ? stamp.Item1 : stamp.Item2)).Duration() > Pace ? stamp : default;
    }

    private async Task TakeAsync(CancellationToken cancellation)
    {
        while (await store.ReadAsync(_place, Batch, cancellation) is { IsEmpty: false } documents)
        {
            foreach (var document in documents)
            {
                Take(document);
                _place = document.Place;
            }
        }
        _watching = true;
    }

    private void Take(TrustDocument document)
    {
        try
        {
            var (isNew, news) = folder.Take(document, _watching ? Now : null);
            if (IsControl && (isNew || !document.Kind.StartsWith(TrustDocument.Join, StringComparison.Ordinal) || folder.Keeps(document)))
            {
                _untold.Add(news);
            }
            if (isNew)
            {
                LogTaken(document.Kind, document.Number);
            }
        }
#pragma warning disable CA1031 // Whatever is wrong with one document, those after it count; a folder that cannot be written is tried again.
        catch (Exception disowned) when (disowned is not (IOException or UnauthorizedAccessException))
#pragma warning restore CA1031
        {
            LogNotBelieved(disowned, document.Kind, document.Number);
            if (IsControl)
            {
                NoteDisowned(document, disowned);
            }
        }
    }

    // Everybody who reaches the database may add documents, so the ledger takes some of a flood.
    private void NoteDisowned(TrustDocument document, Exception disowned)
    {
        var code = disowned switch
        {
            OutsideException { Reason.Code: var known } => known,
            RefusedException { Reason.Code: var known } => known,
            _ => "keys.malformed",
        };
        if (_pace.Take(new("trust", TrustNews.DisownedKind, code)) is { } lost)
        {
            _untold.Add(TrustNews.Disowned(document, code, lost));
        }
    }

    // The ledger takes a fact once, so every silo may tell, and again after a restart.
    private async Task TellAsync()
    {
        foreach (var news in _untold)
        {
            await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(news.ToFact(Now));
        }
        _untold.Clear();
        await _pace.TellLostAsync(grains, _time);
    }

    [LoggerMessage(LogLevel.Information, "The root's {Kind} number {Number} counts from now on")]
    private partial void LogTaken(string kind, long number);

    [LoggerMessage(LogLevel.Error, "A {Kind} with number {Number} in the database is not what the root signed, and counts for nothing")]
    private partial void LogNotBelieved(Exception exception, string kind, long number);

    [LoggerMessage(LogLevel.Warning, "Looking for what the root signed failed and is tried again in a second")]
    private partial void LogFailed(Exception failure);
}
