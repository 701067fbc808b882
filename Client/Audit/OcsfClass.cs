using System.Collections.Frozen;

namespace Maestro.Audit;

/// <summary>Which class of the Open Cybersecurity Schema Framework tells of a kind of fact.</summary>
/// <param name="Activity">The activity within the class; 99 for one that only <paramref name="ActivityName"/> names.</param>
/// <param name="Failed">Whether the fact is that something did not happen.</param>
internal sealed record OcsfClass(OcsfShape Shape, int Activity, string ActivityName, OcsfSeverity Severity = OcsfSeverity.Informational, bool Failed = false)
{
    private const int Other = 99;

    /// <summary>What an unknown kind is: an event of no class.</summary>
    public static OcsfClass Base { get; } = new(OcsfShape.Base, Other, "Other");

    private static readonly FrozenDictionary<string, OcsfClass> Kinds = new Dictionary<string, OcsfClass>
    {
        ["application.registered"] = new(OcsfShape.EntityManagement, 1, "Create"),
        ["approval.given"] = new(OcsfShape.ApiActivity, 3, "Update"),
        ["approval.refused"] = new(OcsfShape.ApiActivity, 3, "Update", OcsfSeverity.Medium, Failed: true),
        ["approval.rejected"] = new(OcsfShape.ApiActivity, 3, "Update", OcsfSeverity.Low),
        ["call.refused"] = new(OcsfShape.ApiActivity, Other, "Refuse", OcsfSeverity.Medium, Failed: true),
        ["deployment.AttemptOpened"] = new(OcsfShape.ApplicationLifecycle, Other, "Open attempt"),
        ["deployment.Broke"] = new(OcsfShape.ApplicationLifecycle, Other, "Break stage", OcsfSeverity.Low, Failed: true),
        ["deployment.CancelRequested"] = new(OcsfShape.ApplicationLifecycle, Other, "Go back", OcsfSeverity.Low),
        ["deployment.Closed"] = new(OcsfShape.ApplicationLifecycle, Other, "Close attempt"),
        ["deployment.Commanded"] = new(OcsfShape.ApiActivity, 3, "Update", OcsfSeverity.Low),
        ["deployment.Proved"] = new(OcsfShape.ApplicationLifecycle, Other, "Prove stage"),
        ["deployment.Refused"] = new(OcsfShape.ApplicationLifecycle, Other, "Refuse stage", OcsfSeverity.Medium, Failed: true),
        ["deployment.Started"] = new(OcsfShape.ApplicationLifecycle, Other, "Start stage"),
        ["deployment.Undone"] = new(OcsfShape.ApplicationLifecycle, Other, "Undo stage", OcsfSeverity.Low),
        ["environment.hold-released"] = new(OcsfShape.EntityManagement, 3, "Update", OcsfSeverity.Low),
        ["environment.live"] = new(OcsfShape.ApplicationLifecycle, 1, "Install"),
        ["environment.restored"] = new(OcsfShape.ApplicationLifecycle, 8, "Update", OcsfSeverity.Medium),
        ["keys.disowned"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.Critical, Failed: true),
        ["ledger.checkpoint"] = new(OcsfShape.EntityManagement, 2, "Read"),
        ["ledger.disowned"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.Critical),
        ["message.dropped"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High),
        ["message.refused"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.Medium),
        ["row.accepted"] = new(OcsfShape.EntityManagement, 3, "Update", OcsfSeverity.High),
        ["row.refused"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.Critical, Failed: true),
        ["row.written"] = new(OcsfShape.EntityManagement, 3, "Update"),
        ["refusals.lost"] = new(OcsfShape.DetectionFinding, 2, "Update", OcsfSeverity.Medium),
        ["review.found"] = new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.Medium),
        ["webhook.refused"] = new(OcsfShape.Authentication, 1, "Logon", OcsfSeverity.Medium, Failed: true),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Kinds of a family, so that a new one is never of no class.
    private static readonly (string Prefix, OcsfClass Class)[] Families =
    [
        ("anomaly.", new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High)),
        ("break-glass.", new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High)),
        ("credential.", new(OcsfShape.EntityManagement, Other, "Other")),
        ("custody.refused", new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High, Failed: true)),
        ("custody.way-back", new(OcsfShape.EntityManagement, Other, "Other", OcsfSeverity.Medium)),
        ("custody.", new(OcsfShape.EntityManagement, Other, "Other")),
        ("key.", new(OcsfShape.EntityManagement, 3, "Update", OcsfSeverity.Low)),
        ("keys.", new(OcsfShape.EntityManagement, 3, "Update", OcsfSeverity.Low)),
        ("people.", new(OcsfShape.AccountChange, Other, "Other", OcsfSeverity.Low)),
        ("ledger.", new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High)),
        ("login.", new(OcsfShape.Authentication, 1, "Logon")),
        ("person.", new(OcsfShape.AccountChange, Other, "Other", OcsfSeverity.Low)),
        ("sender.", new(OcsfShape.DetectionFinding, 1, "Create", OcsfSeverity.High)),
    ];

    /// <summary>Never fails: what nobody has put into the table is an event of no class.</summary>
    public static OcsfClass Of(string kind) => Kinds.GetValueOrDefault(kind)
        ?? Families.FirstOrDefault(family => kind.StartsWith(family.Prefix, StringComparison.Ordinal)).Class
        ?? Base;
}

/// <summary>The classes that are used, by the number of each in its category.</summary>
internal sealed record OcsfShape(int Category, string CategoryName, int Class, string ClassName)
{
    public static OcsfShape Base { get; } = new(0, "Uncategorized", 0, "Base Event");

    public static OcsfShape DetectionFinding { get; } = new(2, "Findings", 2004, "Detection Finding");

    public static OcsfShape AccountChange { get; } = new(3, "Identity & Access Management", 3001, "Account Change");

    public static OcsfShape Authentication { get; } = new(3, "Identity & Access Management", 3002, "Authentication");

    public static OcsfShape EntityManagement { get; } = new(3, "Identity & Access Management", 3004, "Entity Management");

    public static OcsfShape ApplicationLifecycle { get; } = new(6, "Application Activity", 6002, "Application Lifecycle");

    public static OcsfShape ApiActivity { get; } = new(6, "Application Activity", 6003, "API Activity");
}

/// <summary>How grave it is, as the schema numbers it.</summary>
internal enum OcsfSeverity
{
    Unknown,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}
