using Maestro.Identity;
using Orleans.Concurrency;

namespace Maestro.Agents;

/// <summary>Reads pull requests and judges them. It holds no credential. Work reaches it as signed orders on its stream.</summary>
[Alias("maestro.ICodeReviewAgentGrain")]
public interface ICodeReviewAgentGrain : IAgentGrain;

/// <summary>Plans and applies infrastructure.</summary>
[Alias("maestro.IInfrastructureAgentGrain")]
public interface IInfrastructureAgentGrain : IAgentGrain;

/// <summary>Builds and tests changes: it runs their code, and holds no credential but its own key.</summary>
[Alias("maestro.IBuildAgentGrain")]
public interface IBuildAgentGrain : IAgentGrain;

/// <summary>Scans, deploys, rehearses, promotes, watches and finishes.</summary>
[Alias("maestro.IDeploymentAgentGrain")]
public interface IDeploymentAgentGrain : IAgentGrain;

/// <summary>What all agents have in common; the key is the deployment's.</summary>
[Alias("maestro.IAgentGrain")]
public interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>What the agent is busy with, for people; empty where it is idle.</summary>
    [Admits(Role.Viewer, Role.Control), AlwaysInterleave, Alias("OrdersAsync")]
    Task<IReadOnlyList<string>> OrdersAsync();
}
