using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>The streams between the deployments and those they ask. A subscription is implicit: the stream's key is the receiver's.</summary>
public static class Channels
{
    public const string Provider = "agents";
    public const string Answers = "answers";
    public const string ReviewOrders = "orders-review";
    public const string BuildOrders = "orders-build";
    public const string InfrastructureOrders = "orders-infrastructure";
    public const string DeploymentOrders = "orders-deployment";
    public const string DeskOrders = "orders-desk";

    /// <exception cref="ArgumentException">Nobody of this role takes orders.</exception>
    public static string OrdersOf(Role role) => role switch
    {
        Role.Review => ReviewOrders,
        Role.Build => BuildOrders,
        Role.Infrastructure => InfrastructureOrders,
        Role.Deployment => DeploymentOrders,
        Role.Desk => DeskOrders,
        _ => throw new ArgumentException($"Nobody of the role {role} takes orders.", nameof(role)),
    };
}
