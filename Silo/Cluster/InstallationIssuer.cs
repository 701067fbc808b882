using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;
using Maestro.Storage.Postgres;
using Npgsql;

namespace Maestro.Cluster;

/// <summary>
/// The issuer that the people of an installation sign in with, the same for all its silos: each judges the calls to its own grains, and one that trusts
/// no issuer asks for no session.
/// </summary>
internal static class InstallationIssuer
{
    private const int LongestShown = 200;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Lets a silo go on whose issuer is the installation's. The first silo says which that is, and only one that is told to replaces it.</summary>
    /// <exception cref="RefusedException"><c>sign-in.issuer</c>: the installation has another; <c>sign-in.login</c>: this silo may not replace it.</exception>
    /// <exception cref="OutsideException">The database did not answer.</exception>
    public static async Task AgreeAsync(PostgresSource source, SignInSettings signIn, TimeProvider time, CancellationToken cancellation)
    {
        var own = (Issuer: signIn.Issuer?.Address ?? "", Audience: signIn.Issuer?.Audience ?? "");
        while (true)
        {
            var newest = await source.SelectAsync(
                "SELECT number, issuer, audience FROM sign_in ORDER BY number DESC LIMIT 1",
                row => (Number: row.GetInt64(0), Of: (row.GetString(1), row.GetString(2))), cancellation);
            if (newest is [var same] && same.Of == own)
            {
                return;
            }
            if (newest is [var other] && !signIn.ReplacesIssuer)
            {
                throw Refused(other.Of, own);
            }
            try
            {
                await source.ExecuteAsync("INSERT INTO sign_in (number, issuer, audience) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING", cancellation,
                    newest is [var before] ? before.Number + 1 : 1L, own.Issuer, own.Audience);
            }
            catch (OutsideException forbidden) when (forbidden.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
            {
                if (newest is [_])
                {
                    throw new RefusedException(new Reason(
                        "sign-in.login", "A silo with the role control replaces the issuer.", "the role control", "a database login without it",
                        "Start a silo that has the role control with --replace-issuer first, and this one without it."));
                }
                // Only the control role says which: the login of another waits until it has.
                await Task.Delay(Pace, time, cancellation);
            }
        }
    }

    private static RefusedException Refused((string Issuer, string Audience) expected, (string Issuer, string Audience) found) => new(new Reason(
        "sign-in.issuer", "All silos of a cluster trust the same issuer of OpenID Connect, or none.", Shown(expected), Shown(found),
        "Give this silo the options that the others have, or stop all of them and start one that has the role control with --replace-issuer."));

    private static string Shown((string Issuer, string Audience) of) => of.Issuer.Length == 0 ? "no issuer"
        : new UntrustedText($"--oidc-issuer {of.Issuer} --oidc-audience {of.Audience}").Shown(LongestShown);
}
