using Maestro.Api;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Maestro.Sessions;

/// <summary>Wires the sessions of people, and the API that reads with them, into a silo.</summary>
internal static class SignInRegistration
{
    /// <exception cref="RefusedException"><c>oidc.options</c>: the API is not this silo's to have, or nobody could sign in to it.</exception>
    public static void AddSignIn(this IServiceCollection services, DataFolder data, SiloSettings settings)
    {
        var (port, outside) = settings.SignIn;
        if (outside is not null)
        {
            services.AddSingleton<BoundedDocuments>();
            services.AddSingleton(TrustedIssuer.Of(outside));
            services.AddSingleton<IIssuerKeys>(provider => new FetchedKeys(
                outside.Address, provider.GetRequiredService<BoundedDocuments>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<FetchedKeys>>()));
            services.AddSessions(demanded: true);
            services.AddHostedService<KeyRounds>();
        }
        if (port == 0)
        {
            return;
        }
        if (!settings.Roles.Contains(Role.Gateway))
        {
            throw Refused("a silo with the role gateway", "--api-port for a silo without it");
        }
        if (outside is null)
        {
            services.AddOwnIssuer(data, settings, port);
        }
        services.AddSingleton(new ApiSettings(port)).AddSingleton<ApiGate>().AddSingleton<DeploymentsApi>();
        services.AddHostedService<ApiEndpoint>();
    }

    // It keeps its key and the assertions that were used in one process; several silos would need one that is for all of them.
    private static void AddOwnIssuer(this IServiceCollection services, DataFolder data, SiloSettings settings, int port)
    {
        if (settings.Member is not null)
        {
            throw Refused("--oidc-issuer beside --api-port, for a silo of a cluster", "--api-port alone");
        }
        var name = OwnIssuer.NameAt(port);
        services.AddSingleton(provider => OwnIssuer.Open(
            Path.Combine(data.Path, "sessions", "issuer.pem"), name, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IIssuerKeys>(provider => provider.GetRequiredService<OwnIssuer>());
        services.AddSingleton(TrustedIssuer.Own(name, OwnIssuer.Audience)).AddSingleton<TokenDesk>();
        // Whoever has the key can have a session of this issuer, so beside the key it would show nothing more.
        services.AddSessions(demanded: false);
    }

    private static void AddSessions(this IServiceCollection services, bool demanded) => services.AddSingleton<ISessions>(provider => new VerifiedSessions(
        provider.GetRequiredService<TrustedIssuer>(), provider.GetRequiredService<IIssuerKeys>(), provider.GetRequiredService<TimeProvider>(), demanded));

    private static RefusedException Refused(string expected, string found) => new(new Reason(
        "oidc.options", "The API answers people who signed in, at a gateway.", expected, found, "Correct the options, or leave --api-port out."));
}
