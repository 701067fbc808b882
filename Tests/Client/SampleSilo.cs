using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Client;

/// <summary>A silo with one application and one deployment.</summary>
internal static class SampleSilo
{
    public static readonly DeploymentSummary Summary =
        new(SampleViews.Id, "shop", 2, "waiting", "Approval", SampleViews.Now.AddMinutes(-4), new string('a', 40));

    public static SpokenSilo Of(DeploymentView? view)
    {
        var settings = new EnvironmentSettings("staging", 8081, 1);
        var application = new Application("shop", "local", "acme", "/srv/shop", "main", "local", settings, settings with { Name = "production" });
        var release = new Release(
            "r7", "e", SampleViews.Id, 2, Digest.Of("image"u8), new string('a', 40), new RunSettings(["run"], "PORT", []), SampleViews.Now.AddDays(-1));
        return new SpokenSilo()
            .With<ICatalogueGrain>("catalogue/deployments", "ListAsync", _ => Task.FromResult<IReadOnlyList<DeploymentSummary>>([Summary]))
            .With<IDeploymentGrain>(SampleViews.Id, "GetAsync", _ => Task.FromResult(view))
            .With<IDeploymentGrain>(SampleViews.Id, "CommandAsync", _ => Task.CompletedTask)
            .With<IApplicationsGrain>("applications/all", "FindAsync", asked => Task.FromResult((string?)asked[0] == "shop" ? application : null))
            .With<IApplicationsGrain>("applications/all", "ListAsync", _ => Task.FromResult(new ApplicationList([application])))
            .With<IApprovalDeskGrain>("desk/main", "ListAsync", _ => Task.FromResult<ImmutableArray<ApprovalRequest>>([SampleViews.Question]))
            .With<IGatewayGrain>("gateway/local", "DecideAsync", _ => Task.FromResult<string?>("one more approval"))
            .With<IEnvironmentGrain>("env/shop/production", "GetAsync", _ => Task.FromResult(
                new EnvironmentView("shop", "production", release, [release with { Id = "r6" }], null, null, 7, [], null, null, [])));
    }
}
