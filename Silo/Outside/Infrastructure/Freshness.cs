namespace Maestro.Outside.Infrastructure;

/// <summary>Whether a plan may be applied to this state now. The first apply of an effect is told from going on with it.</summary>
internal static class Freshness
{
    /// <param name="state">The state and its digest; null before the first apply.</param>
    /// <param name="digest">The plan's digest.</param>
    /// <exception cref="Maestro.Deployments.RefusedException">The token is old, the plan was used, or the state moved.</exception>
    public static void Demand(PlanDocument plan, string digest, (State State, string Digest)? state, string effect, long token)
    {
        if (state is not var (known, stateDigest))
        {
            DemandSame(plan, "", 0, "");
            return;
        }
        if (token < known.Token)
        {
            throw Refusals.TokenOld(known.Token, token);
        }
        if (known.Applying is { } open && open.Effect == effect)
        {
            if (open.Plan != digest)
            {
                throw Refusals.EffectOtherPlan();
            }
            return;
        }
        var used = known.Applied.FirstOrDefault(applied => applied.Plan == digest)?.Effect
            ?? (known.Applying?.Plan == digest ? known.Applying.Effect : null);
        if (used is not null)
        {
            throw Refusals.PlanUsed(used);
        }
        DemandSame(plan, known.Lineage, known.Serial, stateDigest);
    }

    private static void DemandSame(PlanDocument plan, string lineage, long serial, string digest)
    {
        if (plan.Lineage != lineage || plan.Serial != serial || plan.State != digest)
        {
            throw Refusals.StateMoved(Shown(plan.Lineage, plan.Serial, plan.State), Shown(lineage, serial, digest));
        }
    }

    private static string Shown(string lineage, long serial, string digest) =>
        lineage.Length == 0 ? "no state yet"
            : $"lineage {Refusals.Shown(lineage)}, serial {serial}, digest {Refusals.Shown(digest[..Math.Min(12, digest.Length)])}";
}
