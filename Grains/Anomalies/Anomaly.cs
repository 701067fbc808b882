using System.Collections.Immutable;

namespace Maestro.Anomalies;

/// <summary>Something that a sender does not usually do, or never may.</summary>
/// <param name="Code">One of <see cref="AnomalyCodes"/>.</param>
/// <param name="Bound">What was expected at most.</param>
/// <param name="Found">What was found.</param>
public readonly record struct Anomaly(string Code, double Bound, double Found)
{
    /// <summary>Whether the sender is cut off for it, where there is a sender.</summary>
    public bool CutsOff => Code is AnomalyCodes.RateLimit or AnomalyCodes.OrderLimit;
}

/// <summary>The kinds of anomalies. Each is also the kind of its entry in the ledger.</summary>
public static class AnomalyCodes
{
    /// <summary>More messages than is usual.</summary>
    public const string Rate = "anomaly.rate";

    /// <summary>More messages than anybody may send; cuts off.</summary>
    public const string RateLimit = "anomaly.rate-limit";

    /// <summary>An answer to no order, by nobody who was asked, ahead of its stage, or of a try that never began.</summary>
    public const string Order = "anomaly.order";

    /// <summary>Too many of these; cuts off.</summary>
    public const string OrderLimit = "anomaly.order-limit";

    /// <summary>A larger message than is usual.</summary>
    public const string Size = "anomaly.size";

    /// <summary>The silo that a message names is not one with the sender's role.</summary>
    public const string Origin = "anomaly.origin";

    /// <summary>Messages that failed a check.</summary>
    public const string Failed = "anomaly.failed";

    /// <summary>A flood of these.</summary>
    public const string FailedLimit = "anomaly.failed-limit";

    /// <summary>Messages that came again and again.</summary>
    public const string Replayed = "anomaly.replayed";

    public static ImmutableArray<string> All { get; } = [Rate, RateLimit, Order, OrderLimit, Size, Origin, Failed, FailedLimit, Replayed];

    /// <summary>What the rule is, fit for people.</summary>
    public static string RuleOf(string code) => code switch
    {
        Rate => "A sender sends about as many messages as it usually does.",
        RateLimit => "No sender sends more messages than the silo's limit.",
        Order or OrderLimit => "An agent answers only what it was asked.",
        Size => "A sender's messages are about as large as they usually are.",
        Origin => "A message comes from a silo with its sender's role.",
        Replayed => "A message comes once.",
        _ => "A message has the signature, the binding and the age that its receiver asks for.",
    };

    /// <summary>The unit of what was found.</summary>
    public static string UnitOf(string code) => code switch
    {
        Rate or RateLimit => "messages in ten seconds",
        Size => "bytes",
        _ => "in a minute",
    };
}
