using Maestro.Api;
using Maestro.Hosting;

namespace Maestro.Sessions;

/// <summary>A real silo that trusts an outside issuer, with API and dashboard. Anna's account is enrolled as an operator's, bob's as a viewer's.</summary>
public sealed class OutsideSilo : ApiSilo
{
    private StandInIssuer _outside = null!;

    internal StandInIssuer Outside => _outside;

    internal override int DashboardPort { get; } = Ports.Free();

    internal override async Task<SignInSettings> SignInAsync(int port)
    {
        _outside = await StandInIssuer.StartAsync();
        return new(port, SessionTokenTests.Settings(_outside.Address));
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var person in (string[])["anna", "bob", "eve"])
        {
            await LinkAsync(person, $"oidc:{_outside.Address}#{person}-1");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _outside.DisposeAsync();
    }
}
