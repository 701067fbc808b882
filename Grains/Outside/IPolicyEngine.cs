using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>Judges facts by the operators' policies.</summary>
public interface IPolicyEngine
{
    /// <summary>
    /// Runs every policy on these facts. A policy that throws, hangs, answers with nothing or with something else is a violation of its own.
    /// </summary>
    /// <param name="facts">JSON: <c>{stage, application, environment, change: {…}, plan: {lineage, serial, changes: […]}}</c>.</param>
    Task<PolicyVerdict> JudgeAsync(ReadOnlyMemory<byte> facts, CancellationToken cancellation);
}

/// <summary>What the policies say.</summary>
/// <param name="Bundle">The digest over names and texts of all policies that ran.</param>
public sealed record PolicyVerdict(Digest Bundle, ImmutableArray<PolicyViolation> Violations);

/// <param name="Blocks">It refuses; otherwise it is shown to the people who approve.</param>
public sealed record PolicyViolation(string Policy, string Message, bool Blocks);
