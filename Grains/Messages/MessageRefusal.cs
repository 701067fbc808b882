using System.Globalization;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>
/// Why a message is dropped before anything inside it is used. Each refusal is a <see cref="RefusedException"/> with one of these codes.
/// </summary>
public static class MessageRefusal
{
    public const string SignatureCode = "message.signature";
    public const string TypeCode = "message.type";
    public const string MalformedCode = "message.malformed";
    public const string TooLargeCode = "message.too-large";
    public const string AudienceCode = "message.audience";
    public const string DeploymentCode = "message.deployment";
    public const string AttemptCode = "message.attempt";
    public const string StageCode = "message.stage";
    public const string TryCode = "message.try";
    public const string EffectCode = "message.effect";
    public const string ExpiredCode = "message.expired";
    public const string EarlyCode = "message.early";
    public const string LifetimeCode = "message.lifetime";
    public const string ReplayedCode = "message.replayed";
    public const string CutOffCode = "message.cut-off";

    private const string Sent = "The sender signs a new message; this one stays dropped.";

    public static RefusedException Signature(int needed, int found) => Of(
        SignatureCode, "A message counts only with the signature of the key it must come from.",
        string.Create(CultureInfo.InvariantCulture, $"signatures by {needed} accepted key(s)"),
        string.Create(CultureInfo.InvariantCulture, $"{found}"));

    public static RefusedException Type(string expected, string found) => Of(
        TypeCode, "A message is read only as the type it was signed as.", expected, Shown(found));

    public static RefusedException Malformed(string found) => Of(
        MalformedCode, "A message has exactly the form of its type.", "a well-formed message", found);

    public static RefusedException TooLarge(string found) => Of(
        TooLargeCode, "A message is small.",
        string.Create(CultureInfo.InvariantCulture, $"at most {Dsse.PayloadLimit} bytes and {Dsse.SignatureLimit} signatures"), found);

    /// <summary>The message was received before, or there is no room to remember that it was not.</summary>
    public static RefusedException Replayed() => Binding(ReplayedCode, "a nonce that was not used before", "a used one, or no room to remember it");

    /// <summary>Nothing of this sender is taken until a person lifts it.</summary>
    public static RefusedException CutOff(Identity.Role sender) => new(new Reason(
        CutOffCode, "A sender that went over its hard limit is not heard.", "a sender that is not cut off", Identity.Principal.OfRole(sender),
        $"Find out why, then: maestro senders lift {Identity.Principal.Name(sender)} --reason TEXT"));

    /// <summary>A refusal by one of the codes above, for a binding that differs.</summary>
    public static RefusedException Binding(string code, string expected, string found) => Of(
        code, "A message is used only where, when and for what it was signed.", expected, Shown(found));

    private static string Shown(string found) => new UntrustedText(found).Shown(120);

    private static RefusedException Of(string code, string rule, string expected, string found) =>
        new(new Reason(code, rule, expected, found, Sent));
}
