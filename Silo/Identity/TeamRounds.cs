using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>Reads who is in the roster's teams, every half minute. Of a team that cannot be read, the last reading counts until it is too old.</summary>
internal sealed partial class TeamRounds(
    GitHubTeams teams, RosterFile roster, StandingDirectory directory, TimeProvider time, ILogger<TeamRounds> logger)
    : Rounds(Role.Custody, TimeSpan.FromSeconds(30), time)
{
    private const int MostTeams = 200;
    private static readonly TimeSpan RestsAtLeast = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = time;
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);

    protected override void NoteFailure(Exception failure) => LogFailed(failure);

    protected override async Task RestAsync(TimeSpan pace, CancellationToken cancellation)
    {
        await Task.Delay(RestsAtLeast, _time, cancellation);
        await directory.UntilDoubtedAsync(pace - RestsAtLeast, cancellation);
    }

    protected override async Task GoRoundAsync(CancellationToken cancellation)
    {
        foreach (var team in roster.Teams().Take(MostTeams))
        {
            try
            {
                directory.Note(team, await teams.ReadAsync(team, cancellation));
                if (_away.Remove(team))
                {
                    LogBack(team);
                }
            }
            catch (OutsideException unread)
            {
                if (_away.Add(team))
                {
                    LogAway(team, unread.Reason.ToString());
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Who is in team {Team} could not be read, and is read again every half minute: {Cause}")]
    private partial void LogAway(string team, string cause);

    [LoggerMessage(LogLevel.Information, "Who is in team {Team} is read again")]
    private partial void LogBack(string team);

    [LoggerMessage(LogLevel.Warning, "Reading the teams failed and is tried again in half a minute")]
    private partial void LogFailed(Exception failure);
}
