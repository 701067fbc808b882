using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary><c>maestro abort</c>: stops a deployment and undoes what it started.</summary>
internal static class AbortVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared) =>
        OrderVerb.Create(shared, "abort", "Stop a deployment and undo what it started.", Command.Abort, "will stop and undo what it started");
}
