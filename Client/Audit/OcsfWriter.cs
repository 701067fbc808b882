using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Audit;

/// <summary>Entries of the ledger as events of the Open Cybersecurity Schema Framework, one a line.</summary>
/// <param name="ledger">The ledger's name.</param>
/// <param name="profiles">With the profiles <c>record_integrity</c> and <c>ai_operation</c>, which are in the schema's next version only.</param>
internal sealed class OcsfWriter(string ledger, string product, bool profiles) : IEntryWriter
{
    /// <summary>The version of the schema that is written.</summary>
    public const string Version = "1.8.0";

    /// <summary>The version whose profiles are written where they are asked for.</summary>
    public const string NextVersion = "1.9.0-dev";

    private const int Success = 1;
    private const int Failure = 2;
    private const int PersonType = 1;
    private const int ServiceType = 4;
    private const int Sha256 = 3;
    private const int NativeAgent = 1;

    private static readonly Dictionary<string, string> Agents = new(StringComparer.Ordinal)
    {
        ["role:review"] = "Code Review Agent",
        ["role:infrastructure"] = "Infrastructure Agent",
        ["role:deployment"] = "Deployment Agent",
    };

    private (string Uid, string Fingerprint)? _before;

    public string LineOf(LedgerEntry entry) => Event(entry.Fact, entry.Hash, entry.Index);

    public string EndOf(SignedNote note, Checkpoint checkpoint, DateTimeOffset at, long from, long end) => Event(
        new("", at, "ledger.checkpoint", "role:ledger", "ledger/main",
            new JsonObject { ["note"] = note.ToString(), ["size"] = checkpoint.Size, ["from"] = from, ["entries"] = end - from }.ToJsonString()),
        Convert.ToHexStringLower([.. checkpoint.Root]), (long)checkpoint.Size);

    private string Event(LedgerFact fact, string uid, long sequence)
    {
        var kind = OcsfClass.Of(fact.Kind);
        var body = BodyOf(fact);
        var severity = SeverityOf(kind, body);
        var made = new JsonObject
        {
            ["activity_id"] = kind.Activity,
            ["activity_name"] = kind.ActivityName,
            ["category_uid"] = kind.Shape.Category,
            ["category_name"] = kind.Shape.CategoryName,
            ["class_uid"] = kind.Shape.Class,
            ["class_name"] = kind.Shape.ClassName,
            ["type_uid"] = (kind.Shape.Class * 100) + kind.Activity,
            ["time"] = fact.At.ToUnixTimeMilliseconds(),
            ["severity_id"] = (int)severity,
            ["severity"] = severity.ToString(),
            ["status_id"] = kind.Failed ? Failure : Success,
            ["status"] = kind.Failed ? nameof(Failure) : nameof(Success),
            ["message"] = $"{fact.Kind}: {fact.Subject}",
            ["metadata"] = Metadata(fact, uid, sequence),
            ["actor"] = new JsonObject { ["user"] = User(Who(fact)) },
        };
        if (body["code"] is JsonValue code)
        {
            made["status_code"] = code.ToString();
        }
        Shape(made, kind, fact);
        made["unmapped"] = body;
        if (profiles)
        {
            Attest(made, fact, uid);
        }
        return made.ToJsonString();
    }

    private JsonObject Metadata(LedgerFact fact, string uid, long sequence)
    {
        var metadata = new JsonObject
        {
            ["version"] = profiles ? NextVersion : Version,
            ["uid"] = uid,
            ["sequence"] = sequence,
            ["event_code"] = fact.Kind,
            ["correlation_uid"] = fact.Subject,
            ["log_name"] = ledger,
            ["product"] = new JsonObject { ["name"] = "Maestro", ["vendor_name"] = "Maestro", ["version"] = product },
        };
        if (profiles)
        {
            metadata["profiles"] = new JsonArray("record_integrity", "ai_operation");
        }
        return metadata;
    }

    // What each class requires beside what all of them do.
    private static void Shape(JsonObject made, OcsfClass kind, LedgerFact fact)
    {
        switch (kind.Shape.Class)
        {
            case 2004:
                made["finding_info"] = new JsonObject { ["uid"] = fact.Key.Length > 0 ? fact.Key : fact.Kind, ["title"] = fact.Kind };
                made["is_alert"] = true;
                break;
            case 3001 or 3002:
                made["user"] = User(Who(fact));
                made["service"] = new JsonObject { ["name"] = "Maestro" };
                break;
            case 3004:
                made["entity"] = new JsonObject { ["name"] = fact.Subject, ["uid"] = fact.Subject };
                break;
            case 6002:
                made["app"] = new JsonObject { ["name"] = fact.Subject, ["uid"] = fact.Subject, ["vendor_name"] = "Maestro" };
                break;
            case 6003:
                made["api"] = new JsonObject { ["operation"] = fact.Kind == "call.refused" ? fact.Subject : fact.Kind };
                made["src_endpoint"] = new JsonObject { ["name"] = Who(fact), ["svc_name"] = fact.Actor };
                made["resources"] = new JsonArray(new JsonObject { ["name"] = fact.Subject });
                break;
            default:
                break;
        }
    }

    // The fingerprint is over the event's own bytes before it and the signatures are in it, and names the event before.
    private void Attest(JsonObject made, LedgerFact fact, string uid)
    {
        if (Agents.TryGetValue(fact.Actor, out var agent))
        {
            made["ai_agent"] = new JsonObject
            {
                ["uid"] = fact.Actor,
                ["name"] = agent,
                ["instance_uid"] = fact.Subject,
                ["type_id"] = NativeAgent,
                ["type"] = "Native",
            };
        }
        var attestation = new JsonObject { ["chain_uid"] = ledger, ["authority_uid"] = ledger };
        if (_before is { } before)
        {
            attestation["prev_event"] = new JsonObject { ["uid"] = before.Uid, ["fingerprint"] = Fingerprint(before.Fingerprint) };
        }
        made["attestation_list"] = new JsonArray(attestation);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(made.ToJsonString())));
        attestation["fingerprint"] = Fingerprint(digest);
        _before = (uid, digest);
    }

    private static JsonObject Fingerprint(string digest) => new() { ["algorithm"] = "SHA-256", ["algorithm_id"] = Sha256, ["value"] = digest };

    private static string Who(LedgerFact fact) => fact.OnBehalfOf ?? fact.Actor;

    private static JsonObject User(string name)
    {
        var service = name.Contains(':', StringComparison.Ordinal);
        return new() { ["uid"] = name, ["name"] = name, ["type_id"] = service ? ServiceType : PersonType, ["type"] = service ? "Service" : "User" };
    }

    private static OcsfSeverity SeverityOf(OcsfClass kind, JsonObject body) =>
        kind.Shape == OcsfShape.DetectionFinding && body["severity"] is JsonValue said && Enum.TryParse<OcsfSeverity>(said.ToString(), out var severity)
        && Enum.IsDefined(severity)
            ? severity
            : kind.Severity;

    private static JsonObject BodyOf(LedgerFact fact)
    {
        try
        {
            return JsonNode.Parse(fact.Body, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject ?? new() { ["body"] = fact.Body };
        }
        catch (JsonException)
        {
            return new() { ["body"] = fact.Body };
        }
    }
}
