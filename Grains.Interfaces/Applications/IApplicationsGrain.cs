using Maestro.Identity;
using Orleans.Concurrency;

namespace Maestro.Applications;

/// <summary>The register of applications; the key is <c>applications/all</c>.</summary>
[Alias("maestro.IApplicationsGrain")]
public interface IApplicationsGrain : IGrainWithStringKey
{
    /// <summary>Registers an application, or changes its settings; the repository of a registered one cannot be changed.</summary>
    /// <exception cref="Deployments.RefusedException">The registration breaks a rule; the reason names it.</exception>
    [Admits(Role.Admin), StepUp, Alias("AddAsync")]
    Task AddAsync(Application application);

    [Admits(Role.Viewer, Role.Gateway, Role.Control, Role.Deployment), AlwaysInterleave, Alias("ListAsync")]
    Task<ApplicationList> ListAsync();

    /// <summary>The application, or null where none has this name.</summary>
    [Admits(Role.Viewer, Role.Gateway, Role.Control, Role.Deployment, Role.Infrastructure, Role.Custody), AlwaysInterleave, Alias("FindAsync")]
    Task<Application?> FindAsync(string name);
}
