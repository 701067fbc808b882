using Maestro.Evidence;
using Maestro.Identity;
using Orleans.Concurrency;

namespace Maestro.Deployments;

/// <summary>One pull request's way to production; the key is its <see cref="DeploymentId"/>. It keeps the log of all attempts.</summary>
[Alias("maestro.IDeploymentGrain")]
public interface IDeploymentGrain : IGrainWithStringKey
{
    /// <summary>Opens an attempt for this change; the change already recorded is not opened twice. Returns the attempt's number.</summary>
    [Admits(Role.Gateway), Alias("OpenAsync")]
    Task<int> OpenAsync(ChangeOpened change);

    /// <summary>Ends what is under way because the pull request was closed. Nothing under way is success.</summary>
    /// <exception cref="RefusedException"><c>change.in-production</c>: production is being changed already.</exception>
    [Admits(Role.Gateway), Alias("CloseAsync")]
    Task CloseAsync();

    /// <summary>Looks what is due and does it. Safe to call at any time, by anyone who wakes.</summary>
    [Admits(Role.Control, Role.Gateway), Alias("WakeAsync")]
    Task WakeAsync();

    /// <summary>The deployment as it stands; null where no attempt was ever opened.</summary>
    [Admits(Role.Viewer, Role.Gateway, Role.Control), AlwaysInterleave, Alias("GetAsync")]
    Task<DeploymentView?> GetAsync();

    /// <summary>Records and carries out a person's command.</summary>
    /// <exception cref="RefusedException">The command does not fit the state; the reason names the rule and the way out.</exception>
    [Admits(Role.Sre), Alias("CommandAsync")]
    Task CommandAsync(Command command, string? target);
}

/// <summary>What is known of all deployments; the key is <c>catalogue/deployments</c>.</summary>
[Alias("maestro.ICatalogueGrain")]
public interface ICatalogueGrain : IGrainWithStringKey
{
    /// <summary>The newest deployments first, at most 500; <paramref name="application"/> narrows it.</summary>
    [Admits(Role.Viewer, Role.Gateway), Alias("ListAsync")]
    Task<IReadOnlyList<DeploymentSummary>> ListAsync(string? application, int limit);
}
