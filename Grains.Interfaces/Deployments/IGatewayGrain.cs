using Maestro.Identity;

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
}
