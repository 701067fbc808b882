using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Guards that the change takes away: authorisation, forged-request checks, signature checks, tests in bulk.</summary>
/// <remarks>What is moved is not gone: the same guard before the same line anywhere in the change counts as the one that is
/// removed.</remarks>
public sealed class RemovedGuards : IDetector
{
    /// <summary>Tests that may disappear in one change without a person being asked.</summary>
    private const int TestsSpared = 2;

    private static readonly (Regex Pattern, Severity Severity, string Message)[] Guards =
    [
        (Linear.Regex(
            """\[\s*Authorize\b|RequireAuthorization\(|@PreAuthorize|@RolesAllowed|@Secured\b|@login_required|@permission_required|"""
            + """LoginRequiredMixin|IsAuthenticated\b|before_action\s+:authenticate|passport\.authenticate|"""
            + """Depends\(\s*get_current_user|\[\s*Admits\b"""),
            Severity.High, "A check of who may call is taken away."),
        (Linear.Regex(
            """\b(require|ensure|check|verify|enforce|assert|has|is)_?(auth(ori[sz]ed|ori[sz]ation|enticated|entication)?|login|"""
            + """logged_?in|signed_?in|permissions?|access|role|scope|admin|owner|ownership)(async|for\w*|to\w*|_\w+)?\s*\("""),
            Severity.High, "A check of who may call is taken away."),
        (Linear.Regex("""ValidateAntiForgeryToken|csrf_?(token|protect\w*|middleware)|UseAntiforgery|protect_from_forgery"""),
            Severity.High, "The check of forged requests is taken away."),
        (Linear.Regex(
            """\b(verify|validate|check)_?(signature|token|password|certificate|hash|checksum|digest|hmac|jwt|session|origin|"""
            + """nonce)\w*\s*\(|FixedTimeEquals|compare_digest|timingSafeEqual"""),
            Severity.High, "The check of a signature, token or password is taken away."),
        (Linear.Regex(
            """\b(RateLimit\w*|UseRateLimiter|throttle)\b|UseHttpsRedirection|UseHsts|helmet\(|Content-Security-Policy|"""
            + """Strict-Transport-Security"""),
            Severity.Medium, "A protection of the service is taken away."),
        (Linear.Regex(
            """^\s*(HEALTHCHECK\s+(--|CMD)|(liveness|readiness|startup)Probe:|healthcheck:|USER\s+\w|runAsNonRoot:\s*true|"""
            + """readOnlyRootFilesystem:\s*true|no-new-privileges)"""),
            Severity.Medium, "A health check or a limit of a container is taken away."),
    ];

    private static readonly Regex Test = Linear.Regex(
        """^\s*(\[(Fact|Theory|Test|TestMethod|TestCase)\b|@Test\b|(async\s+)?def\s+test_|func\s+Test\w+\(|(it|test)\s*\(\s*['"`])""");

    public IEnumerable<Finding> InChange(ReadChange change) =>
        Guards.SelectMany(guard => Missing(change, guard.Pattern, guard.Severity, guard.Message)).Concat(LostTests(change));

    private static IEnumerable<Finding> Missing(ReadChange change, Regex pattern, Severity severity, string message)
    {
        var files = change.Files.Where(file => !file.IsTest && file.Language != Languages.Prose).ToArray();
        var removed = files.SelectMany(file => Guarded(file, file.Old, pattern), (file, guard) => (File: file, Guard: guard)).ToArray();
        if (removed.Length == 0)
        {
            yield break;
        }
        var added = files.SelectMany(file => Guarded(file, file.New, pattern), (file, guard) => (file.Path, Guard: guard)).ToArray();
        var (same, guarded, here) = (added.Select(one => one.Guard).ToHashSet(), added.Select(one => one.Guard.What).ToHashSet(),
            added.Select(one => one.Path).ToHashSet());
        foreach (var (file, guard) in removed.Where(one => !same.Contains(one.Guard)).DistinctBy(one => one.File))
        {
            // Where a whole file goes, or another guard comes in its place, a person sees better than a rule whether that is enough.
            var replaced = file.New.IsEmpty || guarded.Contains(guard.What) || here.Contains(file.Path);
            yield return file.Find("guard-removed", replaced ? Severity.Medium : severity, 0, message);
        }
    }

    /// <summary>The changed guards of one side, each with the next line, which is what it guards.</summary>
    private static IEnumerable<(string Guard, string What)> Guarded(ReadFile file, ImmutableArray<SourceLine> lines, Regex pattern)
    {
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].Changed && IsGuard(file, lines[at], pattern))
            {
                yield return (lines[at].Text.Trim(), at + 1 < lines.Length ? lines[at + 1].Text.Trim() : "");
            }
        }
    }

    private static bool IsGuard(ReadFile file, SourceLine line, Regex pattern) =>
        pattern.IsMatch(line.Text) && !Comments.IsComment(line.Text, file.Language) && !Declaration.IsMatch(line.Text);

    private static IEnumerable<Finding> LostTests(ReadChange change)
    {
        var lost = change.Files.Sum(file => file.Removed.Count(line => Test.IsMatch(line.Text)) - file.Added.Count(line =>
            Test.IsMatch(line.Text)));
        return lost <= TestsSpared ? []
            : [new("tests-removed", Severity.Medium, "", 0, $"The change takes away {lost} tests more than it adds.")];
    }

    private static readonly Regex Declaration = Linear.Regex(
        """^\s*(def|func|function|fn|fun|sub)\s|^\s*(public|private|protected|internal|export|static|async)\b.*\)\s*(\{|=>|:)?""");
}
