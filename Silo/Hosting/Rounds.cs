using Maestro.Identity;
using Microsoft.Extensions.Hosting;

namespace Maestro.Hosting;

/// <summary>What a silo does again and again, as one of its roles: a round that fails is logged, and the next one tries again.</summary>
internal abstract class Rounds(Role role, TimeSpan pace, TimeProvider time) : BackgroundService
{
    /// <summary>Whether the first round comes after a rest.</summary>
    protected virtual bool RestsFirst => false;

    protected DateTimeOffset Now => time.GetUtcNow();

    protected abstract Task GoRoundAsync(CancellationToken cancellation);

    protected abstract void NoteFailure(Exception failure);

    /// <summary>The time between two rounds; ends early where there is something to do.</summary>
    protected virtual Task RestAsync(TimeSpan pace, CancellationToken cancellation) => Task.Delay(pace, time, cancellation);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var scope = CallerScope.As(role);
        var rests = RestsFirst;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (rests)
            {
                await RestAsync(pace, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            rests = true;
            try
            {
                await GoRoundAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever went wrong in a round, the next one looks again.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                NoteFailure(failure);
            }
        }
    }
}
