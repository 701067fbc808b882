using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary><c>maestro retry</c>: a new attempt, or the next undo of a parked deployment at once.</summary>
internal static class RetryVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared) =>
        OrderVerb.Create(shared, "retry", "Try a deployment again.", Command.Retry, "is tried again");
}
