using System.Data.Common;
using Maestro.Deployments;
using Maestro.Storage;

namespace Maestro.Inbox;

/// <summary>The inbox's rows as both databases keep them.</summary>
internal static class InboxRows
{
    public const int LongestReason = 1000;
    public const string WaitingColumns = "position, source, delivery, action, application, head, base, received_at, deployment";

    public static string ToText(this PullRequestAction action) => action switch
    {
        PullRequestAction.Opened => "opened",
        PullRequestAction.Updated => "updated",
        PullRequestAction.Closed => "closed",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static WaitingDelivery WaitingOf(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), new(ActionOf(row.GetString(3)), row.GetString(4), row.GetString(5), row.GetString(6)),
        StoredTime.Parse(row.GetString(7)), row.Text(8) is { } deployment ? DeploymentId.Parse(deployment) : null);

    /// <summary>What the database can hold of a reason.</summary>
    public static string? Cut(string? reason) => reason is { Length: > LongestReason } ? reason[..LongestReason] : reason;

    private static PullRequestAction ActionOf(string text) => text switch
    {
        "opened" => PullRequestAction.Opened,
        "updated" => PullRequestAction.Updated,
        "closed" => PullRequestAction.Closed,
        _ => throw StorageFailure.Damaged("A delivery cannot be read."),
    };
}
