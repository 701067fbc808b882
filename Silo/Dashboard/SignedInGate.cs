using System.Security.Claims;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Outside;
using Maestro.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Maestro.Dashboard;

/// <summary>
/// Admits operators who signed in with the browser at the issuer that the silo trusts: an authorization code with PKCE. What they may do is what the
/// roster of this moment and their session both give.
/// </summary>
internal sealed class SignedInGate(OutsideIssuer issuer, TrustedIssuer trusted, IIssuerKeys keys, IDirectory directory, TimeProvider time) : IDashboardGate
{
    public const string CallbackPath = "/signed-in";
    private const string AccountClaim = "account";
    private const string RoleClaim = "role";

    /// <summary>After this the browser asks the issuer again.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromMinutes(15);

    // Here the token is for the client, and nothing takes the place of the strict reading that other sessions get.
    private readonly SessionTokens _tokens = new(trusted with { Audience = issuer.ClientId }, keys, time);

    private readonly string? _secret = issuer.SecretFile is { } file
        ? SecretFile.Read(file, "oidc.secret", "The client's secret", "--oidc-client-secret-file") : null;

    public void Prepare(IServiceCollection services)
    {
        services.AddLogging();
        // A browser that was signed in signs in again after a restart: no key of cookies is kept on the disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(Cookie).AddOpenIdConnect(SignIn);
        foreach (var keyRing in services.Where(IsKeyRing).ToArray())
        {
            services.Remove(keyRing);
        }
    }

    public void Use(WebApplication server)
    {
        server.Use((context, next) =>
        {
            if (IsOwnHost(context.Request))
            {
                return next(context);
            }
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        server.UseAuthentication();
    }

    public async Task<bool> AdmitAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var signedIn = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        if (!signedIn.Succeeded && HttpMethods.IsGet(context.Request.Method) && context.Request.Path == "/")
        {
            await context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, new() { RedirectUri = "/" });
            return false;
        }
        if (signedIn.Succeeded && IsOperator(signedIn.Principal))
        {
            return true;
        }
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(signedIn.Succeeded
            ? "The dashboard is for operators: your account has not the role sre in both the roster and your session.\n"
            : "The dashboard is for operators. Sign in at its first page.\n");
        return false;
    }

    private bool IsOperator(ClaimsPrincipal visitor) =>
        visitor.FindFirstValue(AccountClaim) is { } account && visitor.HasClaim(RoleClaim, nameof(Role.Sre))
        && directory.FindByAccount(account)?.Roles.Contains(Role.Sre) is true;

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "maestro-dashboard-session";
        options.Cookie.HttpOnly = true;
        // The way back from the issuer is from another site, so a strict one would not come along; nothing here changes anything.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = SessionLife;
        options.SlidingExpiration = false;
    }

    private void SignIn(OpenIdConnectOptions options)
    {
        options.Authority = issuer.Address;
        options.RequireHttpsMetadata = issuer.Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        options.ClientId = issuer.ClientId;
        options.ClientSecret = _secret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.MapInboundClaims = false;
        options.CallbackPath = CallbackPath;
        options.BackchannelTimeout = TimeSpan.FromSeconds(10);
        options.TokenValidationParameters.ValidIssuer = issuer.Address;
        options.Scope.Clear();
        foreach (var scope in issuer.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            options.Scope.Add(scope);
        }
        options.NonceCookie.SameSite = options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.NonceCookie.SecurePolicy = options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Events.OnTokenValidated = AcceptAsync;
        options.Events.OnRemoteFailure = async context =>
        {
            context.HandleResponse();
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("The sign-in did not succeed. Begin again at the first page.\n");
        };
    }

    private async Task AcceptAsync(TokenValidatedContext context)
    {
        var token = context.TokenEndpointResponse?.IdToken ?? context.ProtocolMessage.IdToken;
        var (session, problem) = await _tokens.ReadAsync(token ?? "");
        if (session is null)
        {
            context.Fail(problem);
            return;
        }
        var until = time.GetUtcNow() + SessionLife;
        context.Properties!.ExpiresUtc = session.ExpiresAt < until ? session.ExpiresAt : until;
        context.Principal = new(new ClaimsIdentity(
            [new(AccountClaim, session.Account), .. session.Roles.Select(role => new Claim(RoleClaim, role.ToString()))],
            OpenIdConnectDefaults.AuthenticationScheme));
    }

    private static bool IsOwnHost(HttpRequest request) => request.Host.Host is "127.0.0.1" or "localhost";

    // It would make and keep keys in the home of whoever runs the silo.
    private static bool IsKeyRing(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService)
        && service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService";
}
