using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>
/// Everything an auditor needs of one attempt, in one JSON document: what the log says, the signed statements, and the proof that the ledger has
/// both. It holds no more of a pull request than the statements do.
/// </summary>
/// <param name="Registry">The registry of keys as the root signed it, in base64.</param>
/// <param name="Roster">The roster of people as the root signed it, in base64; null where there is nobody yet.</param>
/// <param name="Entries">The attempt's log.</param>
/// <param name="Evidence">Each statement's bytes in base64, by their digest.</param>
/// <param name="Proofs">C2SP tlog-proofs: of each entry's fact, and of what custody told of the attempt.</param>
/// <param name="Checkpoint">The newest signed checkpoint of the ledger.</param>
/// <param name="Joinings">How silos joined, each with the root's ticket, in base64.</param>
public sealed record AuditBundle(
    string Form, DeploymentId Deployment, int Attempt, DateTimeOffset ExportedAt, string Registry, string? Roster,
    ImmutableArray<BundledEntry> Entries, ImmutableSortedDictionary<string, string> Evidence, ImmutableArray<string> Proofs, string Checkpoint,
    ImmutableArray<string> Joinings = default)
{
    public const string FormOf1 = "https://maestro.example/bundle/v1";

    /// <summary>The most that is written and read, in characters.</summary>
    public const int SizeLimit = 32 * 1024 * 1024;

    /// <summary>More entries, proofs or statements than any attempt comes to.</summary>
    public const int MostItems = 4000;

    /// <exception cref="RefusedException">It is too large.</exception>
    public string Write()
    {
        var text = JsonSerializer.SerializeToNode(this, StatementJson.Strict)!.ToJsonString(new() { WriteIndented = true });
        return text.Length <= SizeLimit ? text : throw Refusal("bundle.too-large", $"at most {SizeLimit} characters", $"{text.Length}");
    }

    /// <exception cref="RefusedException">It is no bundle, or too large for one.</exception>
    public static AuditBundle Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > SizeLimit)
        {
            throw Refusal("bundle.too-large", $"at most {SizeLimit} bytes", $"{json.Length}");
        }
        try
        {
            var bundle = StatementJson.Read<AuditBundle>(StatementJson.Document(json));
            return bundle.IsWhole() ? bundle : throw Refusal("bundle.malformed", $"a bundle of the form {FormOf1}", "another form, or parts that are missing");
        }
        catch (RefusedException refused) when (refused.Reason.Code == MessageRefusal.MalformedCode)
        {
            throw Refusal("bundle.malformed", $"a bundle of the form {FormOf1}", refused.Reason.Found);
        }
    }

    private bool IsWhole() => Form == FormOf1 && Attempt > 0 && !Entries.IsDefault && !Proofs.IsDefault
        && (Joinings.IsDefault || Joinings.Length <= MostItems) && Entries.Length <= MostItems && Proofs.Length <= MostItems
        && Evidence.Count <= MostItems && Evidence.Values.All(bytes => bytes is not null);

    internal static RefusedException Refusal(string code, string expected, string found) => new(new Reason(
        code, "A bundle is one JSON document as maestro export prints it.", expected, found, "Export it again with: maestro export ID."));
}

/// <summary>One entry of the log.</summary>
/// <param name="Entry">The bytes that are stored, in base64.</param>
public sealed record BundledEntry(int Number, string Entry);
