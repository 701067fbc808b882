using System.Collections.Immutable;

namespace Maestro.Audit;

/// <summary>Who did what in a week, from the ledger alone.</summary>
/// <param name="Entries">How many entries of the ledger are of this week.</param>
/// <param name="Attempts">How many attempts were opened.</param>
/// <param name="Outcomes">How attempts ended.</param>
/// <param name="Stops">Why stages refused or broke, by code.</param>
/// <param name="Releases">What happened to environments.</param>
/// <param name="Findings">What the review found, by rule.</param>
/// <param name="Calls">Calls that were not admitted, by code and method.</param>
/// <param name="Messages">Messages, decisions and webhooks that did not count, by kind and code.</param>
/// <param name="Approvals">Who approved and who rejected.</param>
/// <param name="Commands">Who stopped, retried or rolled back.</param>
/// <param name="Waits">The longest waits for people.</param>
/// <param name="Alarms">Break-glass, anomalies, and a ledger that somebody disowned: each one.</param>
/// <param name="Actors">Who was at work, by how many entries.</param>
/// <param name="Ledger">What the ledger was when the report was made.</param>
internal sealed record WeekReport(
    string Week, DateTimeOffset From, DateTimeOffset To, long Entries, long Attempts, ImmutableArray<Counted> Outcomes, ImmutableArray<Counted> Stops,
    ImmutableArray<Counted> Releases, ImmutableArray<Counted> Findings, ImmutableArray<Counted> Calls, ImmutableArray<Counted> Messages,
    ImmutableArray<Verdicts> Approvals, ImmutableArray<Counted> Commands, ImmutableArray<Wait> Waits, ImmutableArray<Alarm> Alarms,
    ImmutableArray<Counted> Actors, LedgerState Ledger);

/// <summary>What a person decided.</summary>
internal sealed record Verdicts(string Person, long Approved, long Rejected);

/// <summary>How long people were waited for.</summary>
/// <param name="Answered">False where it was not answered by the end of the week.</param>
internal sealed record Wait(string Deployment, int Attempt, string Stage, double Seconds, bool Answered);

/// <summary>Something that somebody has to look at.</summary>
internal sealed record Alarm(long Index, DateTimeOffset At, string Kind, string Actor, string Subject, string? Code);

/// <summary>What is signed of the ledger, and by whom it was seen.</summary>
/// <param name="Signed">How many entries the newest checkpoint covers.</param>
/// <param name="Cosigners">Whose lines stand on it beside the ledger's own.</param>
internal sealed record LedgerState(string Origin, long Signed, string Root, ImmutableArray<string> Cosigners);
