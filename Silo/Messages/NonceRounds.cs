using Maestro.Cluster;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Messages;

/// <summary>Forgets, in small batches, the nonces of messages that are refused for their age anyway.</summary>
internal sealed partial class NonceRounds(INonceStore nonces, IDuties duties, TimeProvider time, ILogger<NonceRounds> logger)
    : Rounds(Role.Control, TimeSpan.FromMinutes(1), time)
{
    private const int AtOnce = 500;
    private const int BatchesARound = 100;

    // Clocks of silos differ by less, and a nonce that is kept a little longer costs nothing.
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = time;

    protected override bool RestsFirst => true;

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        if (!await duties.HoldsAsync("nonces", cancellation))
        {
            return;
        }
        var before = _time.GetUtcNow() - Later;
        for (var batch = 0; batch < BatchesARound && await nonces.ForgetAsync(before, AtOnce, cancellation) == AtOnce; batch++)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old nonces could not be forgotten; the next round tries again")]
    private partial void LogFailed(Exception failure);
}
