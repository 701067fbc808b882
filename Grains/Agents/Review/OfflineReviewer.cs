using System.Collections.Immutable;
using Maestro.Evidence;
using Maestro.Outside;
using Maestro.Telemetry;

namespace Maestro.Agents.Review;

/// <summary>
/// Judges a change by fixed rules. The same change gets the same verdict, nothing of it is run, and no language model takes part.
/// </summary>
/// <param name="analyses">Analyses beside the rules; one that does not finish lowers the coverage.</param>
public sealed class OfflineReviewer(ImmutableArray<IDetector> detectors, ImmutableArray<IStaticAnalysis> analyses, TimeProvider time)
    : IReviewer
{
    public const string Name = "offline rules 1 (no language model took part)";

    /// <summary>Findings that are kept, the most severe first; the others are counted.</summary>
    public const int FindingsKept = 200;

    /// <summary>How long the rules may take; what is not read by then counts as unread.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    public async Task<ChangeReviewed> ReviewAsync(Comparison comparison, ImmutableArray<string> sensitivePaths,
        CancellationToken cancellation)
    {
        // Rules may take seconds of processor time, which a grain's scheduler must not spend.
        var examined = await Task.Run(() => Examine(comparison, sensitivePaths, cancellation), cancellation);
        var findings = new HashSet<Finding>(examined.Findings);
        var unread = examined.LinesUnread;
        foreach (var analysis in analyses)
        {
            try
            {
                findings.UnionWith(await analysis.AnalyseAsync(comparison, cancellation));
            }
            catch (OutsideException)
            {
                unread++;
                findings.Add(new("analysis-incomplete", Severity.Medium, "", 0,
                    "A static analysis did not finish, so the change is not fully read."));
            }
        }
        var coverage = unread == 0 ? 1.0 : (double)examined.LinesRead / (examined.LinesRead + unread);
        ModelUse.Note("offline", 0, 0);
        return new(VerdictLattice.Of(findings, coverage), Name, LanguageModel: false, coverage, Kept(findings));
    }

    private Examined Examine(Comparison comparison, ImmutableArray<string> sensitivePaths, CancellationToken cancellation)
    {
        var change = TextGate.Read(comparison, sensitivePaths);
        var findings = new List<Finding>(change.Unread);
        var began = time.GetTimestamp();
        var late = 0L;
        foreach (var file in change.Files)
        {
            foreach (var detector in detectors)
            {
                cancellation.ThrowIfCancellationRequested();
                if (time.GetElapsedTime(began) > Budget)
                {
                    late += Math.Max(1, file.Added.Count() + file.Removed.Count());
                    break;
                }
                findings.AddRange(detector.InFile(file));
            }
        }
        foreach (var detector in detectors)
        {
            cancellation.ThrowIfCancellationRequested();
            findings.AddRange(detector.InChange(change));
        }
        if (late > 0)
        {
            findings.Add(new("out-of-time", Severity.Medium, "", 0,
                $"The rules ran out of time; {late} changed lines were not read by all of them."));
        }
        return new(findings, Math.Max(0, change.LinesRead - late), change.LinesUnread + late);
    }

    private static ImmutableArray<Finding> Kept(HashSet<Finding> findings)
    {
        var ordered = findings
            .OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Path, StringComparer.Ordinal)
            .ThenBy(finding => finding.Line).ThenBy(finding => finding.Rule, StringComparer.Ordinal)
            .ThenBy(finding => finding.Message, StringComparer.Ordinal).ToImmutableArray();
        var rest = ordered.Length - FindingsKept;
        return rest <= 0 ? ordered
            : [.. ordered.Take(FindingsKept), new("more-findings", Severity.Low, "", 0,
            $"{rest} more findings of the same or lower severity are not listed.")];
    }

    private sealed record Examined(List<Finding> Findings, long LinesRead, long LinesUnread);
}
