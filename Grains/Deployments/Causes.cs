using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>Reasons that the process itself gives.</summary>
public static class Causes
{
    public static Reason NoAnswer(Row row, TimeSpan within) => new(
        Codes.Deadline, $"{row.Stage} must answer within {within.TotalMinutes:F0} minutes.", "an answer", "none",
        "See whether a silo with the role is running, then use: maestro retry.");

    public static Reason HeadVanished(string branch) => new(
        Codes.HeadVanished, "The branch of a change stays until the change is released or given up.",
        $"the branch '{new UntrustedText(branch).Shown(60)}'", "no such branch", "Push the branch again, then use: maestro retry.");

    /// <summary>Another silo or the database did not answer just now; asking again gets another answer.</summary>
    public static bool IsOfMaestroItself(Exception failure) => failure is OrleansException or TimeoutException || failure is OutsideException
    {
        Reason.Code: "storage.unreachable" or "storage.stopping" or "storage.slow" or "storage.connections" or "storage.busy"
    };

    public static Reason Unexpected(Stage stage, string found) => new(
        "stage.unexpected", $"{stage} must end in an answer of its own.", "proved, refused, broke or not yet", found,
        "This is a defect in Maestro; the silo's log has the details. Use maestro retry to try again.");
}
