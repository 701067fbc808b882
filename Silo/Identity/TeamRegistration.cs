using Maestro.Hosting;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Identity;

/// <summary>Wires the outside directory into a silo.</summary>
internal static class TeamRegistration
{
    /// <param name="settings">Null for the roster alone.</param>
    public static void AddTeams(this IServiceCollection services, TeamSettings? settings)
    {
        if (settings is not null)
        {
            services.AddSingleton(settings).AddSingleton<GitHubTeams>().AddSingleton<StandingDirectory>();
            services.AddSingleton<IDirectory>(provider => provider.GetRequiredService<StandingDirectory>());
            services.AddHostedService<TeamRounds>();
        }
    }
}
