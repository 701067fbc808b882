using System.Data.Common;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>Rows of the deployments' log and heads, the same in every database.</summary>
internal static class LogRows
{
    /// <summary>In bytes.</summary>
    public const int SnapshotLimit = 1900;

    public const string HeadColumns =
        "deployment, application, attempt, number, table_version, status, stage, head_commit, base_commit, updated_at, due, snapshot";

    /// <exception cref="ArgumentException">The head is not that of the entry.</exception>
    /// <exception cref="RefusedException"><c>storage.snapshot</c>: the head's snapshot is too large.</exception>
    public static void Check(Append append)
    {
        if (append.Head.Deployment != append.Deployment || append.Head.Number != append.Number)
        {
            throw new ArgumentException("The head must be that of the entry it is written with.", nameof(append));
        }
        if (append.Head.Snapshot.Length > SnapshotLimit)
        {
            throw new RefusedException(new Reason(
                "storage.snapshot", "A head's snapshot is at most 1,900 bytes.", "at most 1900 bytes", $"{append.Head.Snapshot.Length} bytes",
                "This is a defect in Maestro; please report it."));
        }
    }

    public static DeploymentId IdOf(DbDataReader row) =>
        DeploymentId.TryParse(row.GetString(0), out var id) ? id : throw StorageFailure.Damaged("A row of the deployments names no deployment.");

    public static StoredEntry EntryOf(DeploymentId deployment, DbDataReader row)
    {
        try
        {
            var stored = row.Bytes(1);
            return new(row.GetInt32(0), LogJson.Read(stored), row.GetInt32(2), row.GetString(3)) { Digest = Digest.Of(stored) };
        }
        catch (JsonException failure)
        {
            throw StorageFailure.Damaged($"Entry {row.GetInt32(0)} of {deployment} cannot be read.", failure);
        }
    }

    public static Head HeadOf(DbDataReader row)
    {
        try
        {
            return new(
                IdOf(row), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5), row.Text(6), row.GetString(7),
                row.GetString(8), StoredTime.Parse(row.GetString(9)), row.Text(10) is { } due ? StoredTime.Parse(due) : null, row.Bytes(11));
        }
        catch (FormatException failure)
        {
            throw StorageFailure.Damaged($"The head of {row.GetString(0)} cannot be read.", failure);
        }
    }
}
