using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.Logging;

namespace Maestro.Sessions;

/// <summary>Keeps the issuer's keys fresh, so that no call has to wait for them.</summary>
internal sealed partial class KeyRounds(IIssuerKeys keys, StandingRole standing, TimeProvider time, ILogger<KeyRounds> logger)
    : Rounds(standing.Role, TimeSpan.FromMinutes(1), time)
{
    protected override async Task GoRoundAsync(CancellationToken cancellation) => await keys.CurrentAsync();

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    [LoggerMessage(LogLevel.Warning, "The issuer's keys were not looked at, and are with the next round")]
    private partial void LogFailed(Exception failure);
}
