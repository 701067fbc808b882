using Maestro.Connection;
using Maestro.Deployments;

namespace Maestro.Commands;

/// <summary>A verb that gives a deployment one order.</summary>
internal static class OrderVerb
{
    public static System.CommandLine.Command Create(SharedOptions shared, string name, string description, Command order, string then)
    {
        var id = SharedOptions.Id();
        var command = new System.CommandLine.Command(name, description) { id };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var full = await DeploymentLookup.ResolveAsync(silo, parsed.GetRequiredValue(id));
            await silo.Grain<IDeploymentGrain>(full).CommandAsync(order, null);
            shared.Terminal(parsed).Say($"{full} {then}. Watch it with: maestro get {full} --watch");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }
}
