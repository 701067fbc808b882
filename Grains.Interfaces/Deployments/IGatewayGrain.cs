using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Deployments;

/// <summary>Where changes of a git host come in; the key is <c>gateway/{host}</c>, on a single machine <c>gateway/local</c>.</summary>
[Alias("maestro.IGatewayGrain")]
public interface IGatewayGrain : IGrainWithStringKey
{
    /// <summary>Opens a pull request from one branch onto another, or finds the open one, and starts its deployment.</summary>
    /// <param name="application">The name under which the repository is registered.</param>
    /// <param name="head">The branch with the change.</param>
    /// <param name="baseBranch">The branch it goes to.</param>
    /// <returns>The deployment's id.</returns>
    /// <exception cref="RefusedException">There is no such application or branch, or nothing to merge; the reason names it.</exception>
    [Admits(Role.Author), Alias("OpenAsync")]
    Task<string> OpenAsync(string application, string head, string baseBranch);

    /// <summary>
    /// Checks form, person and freshness of a person's signed decision, countersigns it and brings it to the desk. It decides nothing: only the
    /// person's signature does.
    /// </summary>
    /// <param name="team">The team whose desk asks.</param>
    /// <returns>What is still missing, or nothing where the question is answered.</returns>
    /// <exception cref="RefusedException">The decision is refused, here or at the desk.</exception>
    [Admits(Role.Reviewer), StepUp, Alias("DecideAsync")]
    Task<string?> DecideAsync(string team, Envelope decision);

    /// <summary>The same for a person's signed word that the glass is to be broken.</summary>
    [Admits(Role.Sre, Role.Security, Role.Admin), StepUp, Alias("BreakGlassAsync")]
    Task<string?> BreakGlassAsync(string team, Envelope word);
}
