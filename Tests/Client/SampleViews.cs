using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Approvals;

namespace Maestro.Client;

/// <summary>Deployments as the console may meet them.</summary>
internal static class SampleViews
{
    public const string Id = "pr/local/acme/shop/42";

    /// <summary>Clears the screen, sets the window's title, turns the text around, and closes Spectre's markup.</summary>
    public const string HostileTitle = "Fix\u001b[2J\u001b]0;gotcha\u0007 \u202Eevil\u202C [red]urgent[/] [/] [[x";

    public static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static DeploymentView WaitingForApproval { get; } = new(
        Id, "shop", "Add a banner", "ada", 2, new string('a', 40), new string('b', 40), "waiting", null, null, Now.AddMinutes(-12), null,
        [
            Of(Stage.Review, "Code Review Agent", "proved", 11, 10, "approve by offline rules 1"),
            Of(Stage.AllowRun, "desk", "proved", 10, 10, "author is known and review approved"),
            Of(Stage.Build, "Deployment Agent", "proved", 10, 9, "image 4f2a91c07b1d") with { Try = 2 },
            Of(Stage.RehearseRollback, "Deployment Agent", "proved", 5, 4, "r6 took over and gave back in 3 s"),
            Of(Stage.Approval, "desk", "running", 4, null, "1 of 2 people have approved"),
            new(Stage.Promote, "Deployment Agent", "pending", 0, null, null, null, null, null),
        ],
        [new("team main", "one more person must approve the release", "maestro approve acme/shop/42", Now.AddHours(3))],
        17, ["maestro.yaml"]);

    public static DeploymentView RolledBack { get; } = WaitingForApproval with
    {
        Status = "rolledBack",
        Outcome = Outcome.RolledBack,
        Code = "watch.unhealthy",
        ClosedAt = Now.AddMinutes(-1),
        Waits = [],
        SensitivePaths = [],
        Stages =
        [
            Of(Stage.Promote, "Deployment Agent", "undone", 3, 2, null),
            Of(Stage.Watch, "Deployment Agent", "refused", 2, 1, null) with
            {
                Reason = new("watch.unhealthy", "Production must stay healthy.", "200 from /health", "503, three times", "Fix it and push again."),
            },
        ],
    };

    public static DeploymentView Finished { get; } = RolledBack with
    {
        Outcome = Outcome.Finished,
        Code = null,
        Stages = [Of(Stage.Finish, "Deployment Agent", "proved", 2, 1, "merged")],
    };

    public static ApprovalRequest Question { get; } = new(
        Id, 2, Stage.Approval, 1, new string('a', 40), new string('b', 40), Digest.Of("plan"u8), Digest.Of("image"u8), "production", "n1",
        Now.AddMinutes(-4), Now.AddHours(3), 2, ["bob"], ["ada"], "Release shop to production?",
        [
            new(PlannedAction.Create, "file.config/banner.txt", false, "12 bytes"),
            new(PlannedAction.Update, "process.web", true, "port 8080 to 8090"),
            new(PlannedAction.Delete, "file.config/old.txt", false, "goes"),
        ],
        [new("todo", Severity.Low, "src/a.cs", 3, "Look again."), new("dangerous-call", Severity.Medium, "src/b.cs", 9, "Starts a process.")]);

    private static StageView Of(Stage stage, string asked, string status, int startedBefore, int? endedBefore, string? detail) => new(
        stage, asked, status, 1, Now.AddMinutes(-startedBefore), endedBefore is { } ended ? Now.AddMinutes(-ended).AddSeconds(5) : null, detail, null, null);
}
