using System.Globalization;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>What every message between a deployment and its agents is bound to.</summary>
/// <param name="Attempt">From 1.</param>
/// <param name="Try">From 1.</param>
/// <param name="Effect">The name of the outside effect, <c>{deployment}/a{attempt}/{stage}</c>.</param>
/// <param name="Audience">The role of the receiver.</param>
/// <param name="Nonce">A fresh value of 16 to 64 letters, digits, dashes and underscores; used once.</param>
/// <param name="ExpiresAt">After this the message is dropped; at most <see cref="MessageCheck.LongestLife"/> after it was issued.</param>
/// <param name="Silo">The silo that sent it, by the sender's word; null where it does not say.</param>
public sealed record Binding(
    DeploymentId Deployment, int Attempt, Stage Stage, int Try, string Effect, Role Audience, string Nonce,
    DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string? Silo = null)
{
    /// <summary>A binding of now, with a fresh nonce and the longest life.</summary>
    public static Binding Of(DeploymentId deployment, int attempt, Stage stage, int @try, Role audience, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new(
            deployment, attempt, stage, @try, EffectOf(deployment, attempt, stage), audience, Messages.Nonce.Fresh(),
            now, now + MessageCheck.LongestLife);
    }

    public static string EffectOf(DeploymentId deployment, int attempt, Stage stage) =>
        string.Create(CultureInfo.InvariantCulture, $"{deployment}/a{attempt}/{stage}");
}

/// <summary>A message with a binding.</summary>
public interface IBoundMessage
{
    Binding Binding { get; }

    /// <summary>Whether its parts fit each other; what is missing or too much, else null.</summary>
    string? Misfit();
}
