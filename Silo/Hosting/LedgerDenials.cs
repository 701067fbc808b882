using System.Text.Json;
using System.Threading.Channels;
using Maestro.Audit;
using Maestro.Identity;
using Microsoft.Extensions.Hosting;

namespace Maestro.Hosting;

/// <summary>
/// Writes refused calls to the ledger. The filter that refuses must not wait, so they go through a bounded channel; a flood beyond it is
/// counted and the count is written instead.
/// </summary>
internal sealed class LedgerDenials(IGrainFactory grains, LoggedDenials logged, StandingRole standing) : BackgroundService, IDenials
{
    private const int Capacity = 1000;

    private readonly Channel<Denial> _denials = Channel.CreateBounded<Denial>(Capacity);
    private long _lost;

    public void Note(Denial denial)
    {
        logged.Note(denial);
        if (!_denials.Writer.TryWrite(denial))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(standing.Role);
        try
        {
            await foreach (var denial in _denials.Reader.ReadAllAsync(stoppingToken))
            {
                await WriteAsync(denial, Interlocked.Exchange(ref _lost, 0));
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    // The caller's own words stay out of the ledger: it holds codes and ids only.
    private async Task WriteAsync(Denial denial, long lost) => await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
        $"denial/{Messages.Nonce.Fresh()}", denial.At, "call.refused", Principal.OfRole(standing.Role), denial.Method,
        JsonSerializer.Serialize(new { code = denial.Code, lost })));
}
