using System.Text.Json;
using System.Text.Json.Serialization;
using Maestro.Audit;
using Maestro.Telemetry;

namespace Maestro.Deployments;

/// <summary>What the ledger is told of an entry of a deployment's log: its digest, and the codes that a report needs.</summary>
internal static class LogFacts
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static LedgerFact Of(DeploymentId deployment, int number, LogEntry entry)
    {
        var told = new Told(LogJson.DigestOf(entry), entry.Attempt);
        told = entry switch
        {
            LogEntry.AttemptOpened opened => told with { Evidence = opened.Evidence },
            LogEntry.Started started => told with { Stage = started.Stage, Try = started.Try },
            LogEntry.Proved proved => told with { Stage = proved.Stage, Try = proved.Try, Evidence = proved.Evidence },
            // A code can be an agent's word, and texts stay out of the ledger.
            LogEntry.Refused no => told with { Stage = no.Stage, Try = no.Try, Code = Bounded.Plain(no.Code), Evidence = no.Detail },
            LogEntry.Broke broke => told with { Stage = broke.Stage, Try = broke.Try, Code = Bounded.Plain(broke.Code), Evidence = broke.Detail },
            LogEntry.CancelRequested cancelled => told with { Code = Bounded.Plain(cancelled.Code) },
            LogEntry.Undone undone => told with { Stage = undone.Stage, Evidence = undone.Evidence },
            LogEntry.Commanded commanded => told with { Command = commanded.Command },
            LogEntry.Closed closed => told with { Outcome = closed.Outcome, Code = Bounded.Plain(closed.Code) },
            _ => told,
        };
        return new(
            LogJson.FactKey(deployment, number), entry.At, $"deployment.{entry.GetType().Name}", entry.Actor, deployment.ToString(),
            JsonSerializer.Serialize(told, Form));
    }

    private sealed record Told(Digest Entry, int Attempt)
    {
        public Stage? Stage { get; init; }

        public int? Try { get; init; }

        public string? Code { get; init; }

        public Command? Command { get; init; }

        public Outcome? Outcome { get; init; }

        public Digest? Evidence { get; init; }
    }
}
