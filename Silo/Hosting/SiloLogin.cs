using Maestro.Deployments;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.Logging;

namespace Maestro.Hosting;

/// <summary>Looks at what a silo's database login may do, before anything else is done with it.</summary>
internal static partial class SiloLogin
{
    /// <exception cref="RefusedException"><c>database.login-strong</c> or <c>database.login-weak</c>.</exception>
    public static async Task<LoginRights> CheckAsync(PostgresSource source, SiloSettings settings, CancellationToken cancellation)
    {
        var rights = await LoginRights.ReadAsync(source, settings.Roles, cancellation);
        // The only silo is every role, and its owner is usually the one who tries it out.
        var isAny = settings.AnyLogin || settings.Member is null;
        return rights.FindFault(settings.Roles, isAny) is { } fault ? throw new RefusedException(fault) : rights;
    }

    public static void Warn(LoginRights rights, ILogger logger)
    {
        if (!rights.Excess.IsEmpty)
        {
            LogStrong(logger, rights.Login, LoginRights.Sentence(rights.Excess));
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "The database login {Login} {Excess}, more than this silo's roles need. Whoever takes the silo over has that too. Make one with: maestro db login")]
    private static partial void LogStrong(ILogger logger, string login, string excess);
}
