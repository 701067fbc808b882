using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>What happens where no silo has the role custody: production waits, and nothing else does.</summary>
public sealed class CustodianTests
{
    private static readonly LeaseRequest Request = new(DeploymentId.Of("local", "acme", "shop", 1), 1, Stage.Promote, 1, LeaseWay.Forward);

    [Fact]
    public async Task Without_custody_production_waits_and_says_for_what()
    {
        var lending = await new Custodian(null!, new Present(false)).AskAsync(new("shop", EnvironmentSettings.ProductionName), Request);
        Assert.Equal((null, "a silo with the role custody"), (lending.Lease, lending.Waiting));
    }

    [Fact]
    public async Task Staging_asks_nobody() => Assert.Equal(
        new(null, null), await new Custodian(null!, new Present(false)).AskAsync(new("shop", EnvironmentSettings.StagingName), Request));

    [Fact]
    public void What_touches_production_is_not_begun_without_custody_and_all_else_is()
    {
        var needing = Plan.Version1.Rows.Where(row => new Present(false).FindAbsent(row) == Role.Custody).Select(row => row.Stage);
        Assert.Equal([Stage.ProvisionProduction, Stage.Promote], needing);
        Assert.DoesNotContain(Plan.Version1.Rows, row => new Present(true).FindAbsent(row) is not null);
    }

    /// <summary>Every role is there, and custody as it is said.</summary>
    private sealed class Present(bool custody) : IPresence
    {
        public bool HasSiloWith(Role role) => role != Role.Custody || custody;
    }
}
