using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Custody;

/// <summary>The facts as they are now, each fetched by custody itself.</summary>
/// <param name="Tips">Where the two branches point.</param>
/// <param name="Change">The pull request read anew; null where the base is this very merge already, and cannot be merged into again.</param>
/// <param name="Rerun">What the deterministic rules and analysers say of the exact change.</param>
/// <param name="PlanIsKept">The approved plan's bytes are there, and are what its digest says.</param>
/// <param name="LedgerFault">Why the ledger must not be believed; null where it may be.</param>
/// <param name="Registered">The application as it is registered; null where it is not.</param>
/// <param name="LentBefore">A lease for this effect was lent before, so what it allows may have happened already.</param>
public sealed record OutsideFacts(
    Tips Tips, ChangeOpened? Change, ChangeReviewed Rerun, EnvironmentView Production, Route Route, InfrastructureState State, bool PlanIsKept,
    Reason? LedgerFault, Application? Registered, bool LentBefore, DateTimeOffset Now);
