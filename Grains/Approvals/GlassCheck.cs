using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Approvals;

/// <summary>
/// Says whether the glass is broken: by two people, of whom neither has worked on the change, for this and nothing else. The desk asks when they sign,
/// and custody asks again before it lends anything.
/// </summary>
public sealed class GlassCheck(IKeyring keyring, IDirectory directory)
{
    /// <summary>The longest time from the first signature to the use.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public const int LongestReason = 500;

    private const string Way = "Begin again with: maestro break-glass ID --reason TEXT.";

    private readonly Countersigning _countersigning = new(keyring, directory);

    /// <summary>Who may ask for it.</summary>
    public static ImmutableArray<Role> Openers { get; } = [Role.Sre, Role.Admin];

    /// <summary>Who may be the second.</summary>
    public static ImmutableArray<Role> Seconders { get; } = [Role.Security, Role.Sre, Role.Admin];

    /// <summary>Whether code may be run at all is never answered so: that question is asked where a change may be hostile.</summary>
    public static bool CanAnswer(Stage stage) => stage is Stage.StagingPlanReview or Stage.Approval;

    /// <exception cref="RefusedException">The person's key or the gateway's did not sign it, or the form is wrong.</exception>
    public GlassBreak Open(Envelope envelope) => _countersigning.Open<GlassBreak>(envelope, GlassBreak.PredicateType);

    /// <summary>Why this does not count for this question; null where it does.</summary>
    /// <param name="first">What the first person signed; null where this is the first.</param>
    public Reason? FindFault(ApprovalRequest request, GlassBreak? first, GlassBreak broken, DateTimeOffset now)
    {
        var asked = GlassBreak.Of(request, broken.Reason, broken.Until, broken.Person, broken.IssuedAt, broken.Expires);
        return TermsFault(asked, broken)
            ?? (broken.Nonce == request.Nonce ? null : Differs("nonce", request.Nonce, broken.Nonce))
            ?? FormFault(broken)
            ?? Countersigning.TimeFault(broken, now)
            ?? UseFault(broken, now)
            ?? PersonFault(broken.Person, request.Authors, first is null ? Openers : Seconders)
            ?? (first is null ? null : TogetherFault(first, broken));
    }

    /// <summary>Why the glass is not broken for this stage of this attempt; null where it is.</summary>
    public Reason? FindFault(Assignment assignment, Stage stage, Digest? plan, Digest? image, ImmutableArray<string> glass)
    {
        var (first, second) = Pair(glass);
        var change = assignment.Change;
        var asked = first with
        {
            Deployment = assignment.Deployment.ToString(),
            Attempt = assignment.Attempt,
            Stage = stage,
            Head = change.Head,
            Base = change.Base,
            Plan = plan,
            Image = image,
            Environment = stage == Stage.Approval ? EnvironmentSettings.ProductionName : EnvironmentSettings.StagingName,
        };
        return TermsFault(asked, first) ?? FormFault(first)
            ?? PersonFault(first.Person, change.Authors, Openers) ?? PersonFault(second.Person, change.Authors, Seconders) ?? TogetherFault(first, second);
    }

    /// <summary>Why it cannot be used at this time; null where it can.</summary>
    public static Reason? UseFault(GlassBreak broken, DateTimeOffset at) => at <= broken.Until ? null : new(
        "glass.expired", "The glass is broken for a short time.", $"a use until {broken.Until:O}", $"{at:O}", Way);

    /// <summary>The two words of an approval that was given so.</summary>
    /// <exception cref="RefusedException">There are not two, or one of them is not believed.</exception>
    public (GlassBreak First, GlassBreak Second) Pair(ImmutableArray<string> glass) => glass is { IsDefault: false, Length: 2 }
        ? (Open(Read(glass[0])), Open(Read(glass[1])))
        : throw new RefusedException(new Reason(
            "glass.two", "The glass is broken by two people.", "two signatures", glass.IsDefault ? "none" : $"{glass.Length}", Way));

    private static Envelope Read(string text) => JsonSerializer.Deserialize<Envelope>(text) ?? throw MessageRefusal.Malformed("null");

    private static Reason? TermsFault(GlassBreak asked, GlassBreak found) =>
        Differs("deployment", asked.Deployment, found.Deployment)
        ?? Differs("attempt", asked.Attempt, found.Attempt)
        ?? Differs("stage", asked.Stage, found.Stage)
        ?? Differs("head", asked.Head, found.Head)
        ?? Differs("base", asked.Base, found.Base)
        ?? Differs("plan", asked.Plan, found.Plan)
        ?? Differs("image", asked.Image, found.Image)
        ?? Differs("environment", asked.Environment, found.Environment)
        ?? (CanAnswer(found.Stage) ? null : new(
            "glass.stage", "Whether the code of a change may be run is for reviewers alone.", "StagingPlanReview or Approval", $"{found.Stage}",
            "Ask a reviewer, or ask an administrator for the role."));

    private static Reason? FormFault(GlassBreak broken) =>
        string.IsNullOrWhiteSpace(broken.Reason) || broken.Reason.Length > LongestReason
            ? new("glass.reason", "The glass is broken for a reason that can be read later.", $"1 to {LongestReason} characters",
                $"{broken.Reason?.Trim().Length ?? 0}", "Say why with --reason TEXT.")
        : broken.Until <= broken.IssuedAt || broken.Until - broken.IssuedAt > Longest
            ? new("glass.time", "The glass is broken for at most an hour.", "at most 1 hour", $"{(broken.Until - broken.IssuedAt).TotalMinutes:F0} minutes",
                "Choose a time with --for, such as 30m.")
        : null;

    private Reason? PersonFault(string id, ImmutableArray<string> authors, ImmutableArray<Role> roles)
    {
        if (directory.Find(id) is not { } person || !person.Roles.Any(roles.Contains))
        {
            return new("glass.role", "The glass is broken by people who answer for production.", $"one of {string.Join(", ", roles)}", id,
                "Ask somebody who has the role.");
        }
        return directory.IsAmong(id, authors)
            ? new("glass.author", "Nobody breaks the glass for their own change, under any of their accounts.",
                $"somebody other than {string.Join(", ", authors)}", id, "Ask somebody who has not worked on this change.")
            : null;
    }

    private Reason? TogetherFault(GlassBreak first, GlassBreak second) =>
        directory.IsSame(first.Person, second.Person)
            ? new("glass.one-person", "Two accounts of one person are one person.", $"somebody other than {first.Person}", second.Person,
                "Ask somebody else to be the second.")
        : second.IssuedAt > second.Until || !first.IsSame(second)
            ? new("glass.differs", "Both people sign the same.", "the same question, reason and time", "something else",
                "Second what is asked for with: maestro break-glass --second ID.")
        : null;

    private static Reason? Differs<T>(string what, T expected, T found) => EqualityComparer<T>.Default.Equals(expected, found)
        ? null
        : new($"glass.{what}", $"The glass is broken only for the {what} that was asked about.", $"{expected}",
            new UntrustedText($"{found}").Shown(80), Way);
}
