using Maestro.Applications;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary>Finds a deployment by what a person types.</summary>
internal static class DeploymentLookup
{
    public const string CatalogueKey = "catalogue/deployments";

    /// <summary>The most deployments that the catalogue tells of at once.</summary>
    public const int MaximumListed = 500;

    /// <summary>The full id for <c>pr/local/acme/shop/42</c>, <c>acme/shop/42</c>, <c>shop/42</c> or <c>42</c>.</summary>
    /// <exception cref="SentenceException">It names no deployment, or more than one.</exception>
    public static async Task<string> ResolveAsync(ISilo silo, string typed)
    {
        if (DeploymentId.TryParse(typed, out var id))
        {
            return id.ToString();
        }
        var known = await silo.Grain<ICatalogueGrain>(CatalogueKey).ListAsync(null, MaximumListed);
        var matches = known.Select(summary => summary.Id).Where(full => full.EndsWith($"/{typed}", StringComparison.Ordinal)).Distinct().ToArray();
        return matches switch
        {
            [var only] => only,
            [] => throw new SentenceException($"There is no deployment '{typed}'. See them with: maestro list", ExitCode.NotFound),
            _ => throw new SentenceException($"'{typed}' could be {string.Join(" or ", matches.Take(5))}. Name it in full.", ExitCode.NotFound),
        };
    }

    /// <exception cref="SentenceException">It names no deployment.</exception>
    public static async Task<DeploymentView> ViewAsync(ISilo silo, string typed)
    {
        var id = await ResolveAsync(silo, typed);
        return await silo.Grain<IDeploymentGrain>(id).GetAsync()
            ?? throw new SentenceException($"There is no deployment '{id}'. See them with: maestro list", ExitCode.NotFound);
    }

    /// <summary>The desk of the team that answers for the application.</summary>
    public static async Task<IApprovalDeskGrain> DeskAsync(ISilo silo, string application) =>
        silo.Grain<IApprovalDeskGrain>($"desk/{await TeamAsync(silo, application)}");

    /// <summary>The team that answers for the application.</summary>
    public static async Task<string> TeamAsync(ISilo silo, string application) =>
        (await silo.Grain<IApplicationsGrain>(AppVerb.RegisterKey).FindAsync(application)
            ?? throw new SentenceException($"The application '{application}' is no longer registered.", ExitCode.NotFound)).Team;
}
