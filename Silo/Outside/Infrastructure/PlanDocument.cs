using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Infrastructure;

/// <summary>A plan as it is reviewed and applied: what shall be there, what changes, and which state it was made for.</summary>
/// <param name="Lineage">The state's lineage; empty before the first apply.</param>
/// <param name="State">The digest of the state it was made for; empty before the first apply.</param>
/// <param name="Resources">All that is declared, with contents, sorted by address.</param>
/// <param name="Changes">What differs from the record and the world, sorted by address.</param>
internal sealed record PlanDocument(
    int Version, string Application, string Environment, string Lineage, long Serial, string State,
    ImmutableArray<Resource> Resources, ImmutableArray<DocumentChange> Changes)
{
    public const int CurrentVersion = 1;

    private const int Largest = 16 * 1024 * 1024;

    /// <exception cref="RefusedException">The bytes are no plan of this environment, or not spelled as the engine spells it.</exception>
    public static PlanDocument Read(EnvironmentKey environment, ReadOnlySpan<byte> bytes, ImmutableArray<int> ports,
        DeclarationLimits limits)
    {
        var plan = bytes.Length <= Largest ? CanonicalJson.Read<PlanDocument>(bytes) : null;
        if (plan is not { Version: CurrentVersion })
        {
            throw Refusals.PlanMalformed("other bytes");
        }
        if (plan.Application != environment.Application || plan.Environment != environment.Environment)
        {
            throw Refusals.PlanMalformed($"a plan for '{Refusals.Shown($"{plan.Application}/{plan.Environment}")}'");
        }
        return plan.Objection(ports, limits) is { } objection ? throw Refusals.PlanMalformed(objection) : plan;
    }

    private string? Objection(ImmutableArray<int> ports, DeclarationLimits limits)
    {
        var declared = Resources.Select(resource => resource.Address).ToHashSet(StringComparer.Ordinal);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        return ResourceRules.Objection(Resources, ports, limits) is (var address, var objection)
            ? $"'{Refusals.Shown(address)}': {objection}"
            : Changes.Where(change => !changed.Add(change.Address)
                    || change.Action == PlannedAction.Replace
                    || declared.Contains(change.Address) == (change.Action == PlannedAction.Delete))
                .Select(change => $"the change of '{Refusals.Shown(change.Address)}' does not fit what is declared")
                .FirstOrDefault();
    }
}

/// <summary>One change of a plan.</summary>
/// <param name="Port">The number of the port that is opened, moved to, or closed.</param>
internal sealed record DocumentChange(PlannedAction Action, string Address, bool Endpoint, string Summary, int? Port = null)
{
    public PlannedChange Shown() => new(Action, Address, Endpoint, Summary);
}
