using System.Globalization;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.AspNetCore.Http;

namespace Maestro.Api;

/// <summary>What the API tells: who asks, and how deployments stand. It asks grains as the gateway, with the person behind it.</summary>
internal sealed class DeploymentsApi(IGrainFactory grains)
{
    private const int MostKnown = 500;
    private const int MostOnPage = 100;
    private const int Page = 50;

    public static ApiAnswer Me(ApiCaller caller) => ApiAnswer.Of(new
    {
        person = caller.Person.Id,
        roles = caller.Roles.Select(Principal.Name),
        session = new
        {
            account = caller.Session.Account,
            expiresAt = caller.Session.ExpiresAt,
            signedInAt = caller.Session.SignedInAt,
            methods = caller.Session.Methods,
            level = caller.Session.Level,
        },
    });

    /// <summary>A page of the newest deployments, at most 500 in all; <c>next</c> is what the next page comes after, null on the last.</summary>
    /// <exception cref="RefusedException"><c>api.page</c>: the page cannot be found.</exception>
    public async Task<ApiAnswer> ListAsync(ApiCaller caller, IQueryCollection query)
    {
        var limit = query["limit"].ToString() is { Length: > 0 } text ? Limit(text) : Page;
        var application = query["application"].ToString() is { Length: > 0 } named ? named : null;
        using var scope = Scope(caller, null);
        var known = await grains.GetGrain<ICatalogueGrain>("catalogue/deployments").ListAsync(application, MostKnown);
        var rest = known.AsEnumerable();
        if (query["after"].ToString() is { Length: > 0 } after)
        {
            rest = known.Any(summary => summary.Id == after)
                ? known.SkipWhile(summary => summary.Id != after).Skip(1)
                : throw Page400("the id of a deployment that is among the newest", new UntrustedText(after).Shown(80));
        }
        DeploymentSummary[] page = [.. rest.Take(limit + 1)];
        return ApiAnswer.Of(new { deployments = page.Take(limit), next = page.Length > limit ? page[limit - 1].Id : null });
    }

    /// <exception cref="RefusedException"><c>api.unknown</c>: there is no such deployment.</exception>
    public async Task<ApiAnswer> GetAsync(ApiCaller caller, string id)
    {
        if (DeploymentId.TryParse(id, out var deployment))
        {
            using var scope = Scope(caller, deployment.ToString());
            if (await grains.GetGrain<IDeploymentGrain>(deployment.ToString()).GetAsync() is { } view)
            {
                return ApiAnswer.Of(view);
            }
        }
        throw new RefusedException(new Reason("api.unknown", "A deployment is named in full.", "the id of a deployment, such as pr/local/acme/shop/4",
            new UntrustedText(id).Shown(80), "See /api/v1/deployments."));
    }

    private static CallerScope Scope(ApiCaller caller, string? deployment) =>
        CallerScope.As(Role.Gateway, new Caller(caller.Person.Id, caller.Roles, [], deployment));

    private static int Limit(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= MostOnPage
            ? limit
            : throw Page400($"a limit from 1 to {MostOnPage}", new UntrustedText(text).Shown(20));

    private static RefusedException Page400(string expected, string found) => new(new Reason(
        "api.page", "A page is named by 'after' and 'limit'.", expected, found, "Begin without 'after', and go on with what 'next' says."));
}
