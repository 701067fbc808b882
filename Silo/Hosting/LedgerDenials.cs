using System.Text.Json;
using System.Threading.Channels;
using Maestro.Audit;
using Maestro.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>
/// Writes refused calls to the ledger. The filter that refuses must not wait, so they go through a bounded channel; what is beyond the pace
/// or the channel, or what the ledger does not take, is counted and the count is written instead.
/// </summary>
internal sealed partial class LedgerDenials(
    IGrainFactory grains, LoggedDenials logged, Refusals refusals, StandingRole standing, TimeProvider time, ILogger<LedgerDenials> logger)
    : BackgroundService, IDenials
{
    private const int Capacity = 1000;
    private const string Kind = "call.refused";

    private readonly Channel<(Denial Denial, long Lost)> _denials = Channel.CreateBounded<(Denial, long)>(Capacity);
    private readonly RefusalPace _pace = new(time);

    public void Note(Denial denial)
    {
        logged.Note(denial);
        var about = AboutOf(denial);
        if (_pace.Take(about) is { } lost && !_denials.Writer.TryWrite((denial, lost)))
        {
            _pace.GiveBack(about, lost + 1);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(standing.Role);
        try
        {
            await Task.WhenAll(WriteAllAsync(stoppingToken), TellLostAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        await foreach (var (denial, lost) in _denials.Reader.ReadAllAsync(stoppingToken))
        {
            await TryAsync(() => _pace.TellAsync(AboutOf(denial), lost + 1, grains, FactOf(denial, lost)));
        }
    }

    private async Task TellLostAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(RefusalPace.Span, time, stoppingToken);
            await TryAsync(() => _pace.TellLostAsync(grains, time));
            await TryAsync(refusals.TellLostAsync);
        }
    }

    private async Task TryAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
#pragma warning disable CA1031 // What the ledger does not take is counted and told later: no failure of it may end the silo.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotTold(failure);
        }
    }

    private static RefusalKey AboutOf(Denial denial) => new(denial.Method, Kind, denial.Code);

    // The caller's own words stay out of the ledger: it holds codes and ids only.
    private LedgerFact FactOf(Denial denial, long lost) => new(
        $"denial/{Messages.Nonce.Fresh()}", denial.At, Kind, Principal.OfRole(standing.Role), denial.Method,
        JsonSerializer.Serialize(new { code = denial.Code, lost }));

    [LoggerMessage(LogLevel.Error, "The ledger was not told of a refusal; it is counted and told later")]
    private partial void LogNotTold(Exception failure);
}
