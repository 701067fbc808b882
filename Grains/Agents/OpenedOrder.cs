using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Messages;

namespace Maestro.Agents;

/// <summary>A verified order with its row, its change and its proofs, all read again from evidence.</summary>
public sealed record OpenedOrder(WorkOrder Order, Row Row, ChangeOpened Change, Proofs Proofs)
{
    /// <param name="plans">The versions that are known; those that are shipped where it is null.</param>
    public static async Task<OpenedOrder> OpenAsync(
        EvidenceFile evidence, WorkOrder order, CancellationToken cancellation, Plans? plans = null)
    {
        var binding = order.Binding;
        var opened = await evidence.ReadOpenedAsync(binding.Deployment, binding.Attempt, order.Change, cancellation);
        var plan = (plans ?? Plans.Shipped).Find(opened.TableVersion)
            ?? throw MessageRefusal.Binding(MessageRefusal.StageCode, "a known version of the plan", $"version {opened.TableVersion}");
        var proofs = new List<Proof> { opened.Change };
        foreach (var (kind, digest) in order.Needs)
        {
            var row = plan.Rows.FirstOrDefault(known => known.Proves.Name == kind)
                ?? throw MessageRefusal.Binding(MessageRefusal.StageCode, "a proof of the plan", kind);
            proofs.Add(await evidence.ReadProofAsync(binding.Deployment, binding.Attempt, row, digest, cancellation));
        }
        return new(order, plan[binding.Stage], opened.Change, new(proofs));
    }

    public Assignment Assign(DateTimeOffset since) => new(
        Order.Binding.Deployment, Order.Binding.Attempt, Order.Binding.Stage, Order.Binding.Try, Change, since, Order.Because, Order.Target);
}
