using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Agents;

/// <inheritdoc cref="ICodeReviewAgentGrain"/>
[ActsAs(Role.Review), ImplicitStreamSubscription(Channels.ReviewOrders), GrainType("code-review-agent")]
public sealed class CodeReviewAgentGrain(IServiceProvider services) : AgentGrain(Role.Review, services), ICodeReviewAgentGrain;

/// <inheritdoc cref="IBuildAgentGrain"/>
[ActsAs(Role.Build), ImplicitStreamSubscription(Channels.BuildOrders), GrainType("build-agent")]
public sealed class BuildAgentGrain(IServiceProvider services) : AgentGrain(Role.Build, services), IBuildAgentGrain;

/// <inheritdoc cref="IInfrastructureAgentGrain"/>
[ActsAs(Role.Infrastructure), ImplicitStreamSubscription(Channels.InfrastructureOrders), GrainType("infrastructure-agent")]
public sealed class InfrastructureAgentGrain(IServiceProvider services) : AgentGrain(Role.Infrastructure, services), IInfrastructureAgentGrain;

/// <inheritdoc cref="IDeploymentAgentGrain"/>
[ActsAs(Role.Deployment), ImplicitStreamSubscription(Channels.DeploymentOrders), GrainType("deployment-agent")]
public sealed class DeploymentAgentGrain(IServiceProvider services) : AgentGrain(Role.Deployment, services), IDeploymentAgentGrain;
