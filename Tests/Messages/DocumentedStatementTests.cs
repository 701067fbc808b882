using System.Text.Json;
using System.Text.RegularExpressions;
using Maestro.Approvals;
using Maestro.Custody;
using Maestro.Support;

namespace Maestro.Messages;

/// <summary>The examples of <c>docs/statements.md</c> are read by the code that reads statements.</summary>
public sealed partial class DocumentedStatementTests
{
    [Fact]
    public void The_lease_is_as_documented()
    {
        var lease = Example<ProductionLease>(ProductionLease.PredicateType);
        Assert.Equal(Binding.EffectOf(lease.Deployment, lease.Attempt, lease.Stage), lease.Effect);
        Assert.InRange(lease.ExpiresAt - lease.IssuedAt, TimeSpan.Zero, ProductionLease.LongestLife);
    }

    [Fact]
    public void The_summary_is_as_documented_and_as_SLSA_has_it()
    {
        var summary = Example<VerificationSummary>(VerificationSummary.PredicateType);
        Assert.Equal((VerificationSummary.Passed, VerificationSummary.LevelOf(summary.Binding.Way)),
            (summary.VerificationResult, Assert.Single(summary.VerifiedLevels)));
        Assert.All(summary.InputAttestations, input => Assert.NotEmpty(input.Digest["sha256"]));
        var written = JsonSerializer.SerializeToElement(summary, StatementJson.Strict);
        string[] required = ["verifier", "timeVerified", "resourceUri", "policy", "inputAttestations", "verificationResult", "verifiedLevels"];
        Assert.All(required, name => Assert.True(written.TryGetProperty(name, out _), name));
        Assert.True(written.GetProperty("verifier").TryGetProperty("id", out _));
    }

    [Fact]
    public void The_countersignature_is_as_documented_and_holds_a_persons_envelope()
    {
        var received = Example<Countersigned>(Countersigned.PredicateType);
        Assert.Equal(StatementTypes.Payload, received.Own.PayloadType);
        Assert.Single(received.Own.Signatures);
        Assert.NotEmpty(received.Carrier);
    }

    [Fact]
    public void The_word_to_break_the_glass_is_as_documented()
    {
        var word = Example<GlassBreak>(GlassBreak.PredicateType);
        Assert.True(GlassCheck.CanAnswer(word.Stage));
        Assert.InRange(word.Until - word.IssuedAt, TimeSpan.Zero, GlassCheck.Longest);
        Assert.InRange(word.Expires - word.IssuedAt, TimeSpan.Zero, Countersigning.LongestLife);
        Assert.InRange(word.Reason.Length, 1, GlassCheck.LongestReason);
    }

    private static T Example<T>(string type)
    {
        var text = File.ReadAllText(Path.Combine(Fixtures.Root, "docs", "statements.md"));
        var found = JsonBlock().Matches(text).Select(match => match.Groups[1].Value)
            .Single(block => block.Contains($"\"predicateType\": \"{type}\"", StringComparison.Ordinal));
        var statement = StatementJson.Read<Statement<T>>(StatementJson.Document(System.Text.Encoding.UTF8.GetBytes(found)));
        Assert.Equal((StatementTypes.Statement, type), (statement.Type, statement.PredicateType));
        Assert.All(statement.Subject, subject => Assert.NotEmpty(subject.Digest));
        return statement.Predicate;
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
