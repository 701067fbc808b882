using Maestro.Identity;

namespace Maestro.Custody;

/// <summary>Puts together what an auditor needs of a deployment; the key is <c>bundle/</c> and the deployment's id.</summary>
[Alias("maestro.IBundleGrain")]
public interface IBundleGrain : IGrainWithStringKey
{
    /// <summary>One attempt as a JSON document, to be checked without a silo.</summary>
    /// <param name="attempt">Null for the newest.</param>
    /// <exception cref="Deployments.RefusedException">There is no such attempt, or it is too large.</exception>
    [Admits(Role.Viewer, Role.Gateway), ResponseTimeout("00:02:00"), Alias("ExportAsync")]
    Task<string> ExportAsync(int? attempt);
}
