using System.Collections.Immutable;
using System.Text.Json;

namespace Maestro.Audit;

/// <summary>Counts the entries of a week, one after the other, in bounded memory.</summary>
internal sealed class WeekCount(Week week)
{
    // Who tried to break the glass is looked at, whether it broke or not.
    private const string Glass = "break-glass.";
    private const int Most = 20;
    private const int MostAlarms = 200;
    private const int MostWaits = 10;
    private const int MostOpen = 100_000;

    private static readonly string[] AskingPeople = ["AllowRun", "StagingPlanReview", "Approval"];
    private static readonly string[] Alarming = [Glass, "anomaly.", "sender.", "ledger."];

    private readonly Tally _outcomes = new(), _stops = new(), _releases = new(), _findings = new(), _calls = new(), _messages = new();
    private readonly Tally _approved = new(), _rejected = new(), _commands = new(), _actors = new();
    private readonly Dictionary<(string, int, string), DateTimeOffset> _asked = [];
    private readonly PriorityQueue<Wait, double> _waits = new();
    private readonly List<Alarm> _alarms = [];
    private long _entries;
    private long _attempts;

    public void Add(LedgerEntry entry)
    {
        if (entry.Fact.At < week.Begin || entry.Fact.At >= week.End)
        {
            return;
        }
        _entries++;
        _actors.Add(Who(entry.Fact));
        var body = FactBody.Of(entry.Fact);
        if (entry.Fact.Kind.StartsWith("deployment.", StringComparison.Ordinal))
        {
            AddStep(entry.Fact, body);
        }
        else if (!AddDecision(entry.Fact, body) && !AddRefusal(entry.Fact, body) && _alarms.Count < MostAlarms
            && Alarming.Any(family => entry.Fact.Kind.StartsWith(family, StringComparison.Ordinal)))
        {
            _alarms.Add(new(entry.Index, entry.Fact.At, entry.Fact.Kind, Who(entry.Fact), entry.Fact.Subject, body.Code));
        }
    }

    /// <param name="now">For what still waits.</param>
    public WeekReport Report(LedgerState ledger, DateTimeOffset now)
    {
        var until = now < week.End ? now : week.End;
        foreach (var ((deployment, attempt, stage), since) in _asked)
        {
            AddWait(new(deployment, attempt, stage, (until - since).TotalSeconds, false));
        }
        var waits = _waits.UnorderedItems.Select(item => item.Element).OrderByDescending(wait => wait.Seconds).ToImmutableArray();
        return new(
            week.ToString(), week.Begin, until, _entries, _attempts, _outcomes.Top(Most), _stops.Top(Most), _releases.Top(Most), _findings.Top(Most),
            _calls.Top(Most), _messages.Top(Most), Verdicts(), _commands.Top(Most), waits, [.. _alarms], _actors.Top(Most), ledger);
    }

    private bool AddDecision(LedgerFact fact, FactBody body)
    {
        switch (fact.Kind)
        {
            case "review.found":
                foreach (var (rule, count) in body.Counts("rules"))
                {
                    _findings.Add(rule, count);
                }
                return true;
            case "approval.given":
                _approved.Add(Who(fact));
                return true;
            case "approval.rejected":
                _rejected.Add(Who(fact));
                return true;
            case var kind when kind.StartsWith("environment.", StringComparison.Ordinal) || kind == "application.registered":
                _releases.Add(kind);
                return true;
            default:
                return false;
        }
    }

    private bool AddRefusal(LedgerFact fact, FactBody body)
    {
        switch (fact.Kind)
        {
            case "call.refused":
                _calls.Add($"{body.Code} {fact.Subject}", 1 + body.Lost);
                return true;
            case "refusals.lost":
                _messages.Add($"{body.Text("kind")} {body.Code}", body.Lost);
                return true;
            case var kind when kind.StartsWith("message.", StringComparison.Ordinal) || (kind.EndsWith(".refused", StringComparison.Ordinal)
                && !kind.StartsWith(Glass, StringComparison.Ordinal)):
                _messages.Add($"{kind} {body.Code}", 1 + body.Lost);
                return true;
            default:
                return false;
        }
    }

    private void AddStep(LedgerFact fact, FactBody body)
    {
        switch (fact.Kind)
        {
            case "deployment.AttemptOpened":
                _attempts++;
                break;
            case "deployment.Closed":
                _outcomes.Add(body.Text("outcome") ?? "unknown");
                Answer(fact, body, AskingPeople);
                break;
            case "deployment.Commanded":
                _commands.Add($"{Who(fact)} {body.Text("command")}");
                break;
            case "deployment.Started" when body.Text("stage") is { } stage && AskingPeople.Contains(stage) && _asked.Count < MostOpen:
                _asked.TryAdd((fact.Subject, body.Number("attempt"), stage), fact.At);
                break;
            case "deployment.Proved" or "deployment.Refused" or "deployment.Broke":
                Answer(fact, body, body.Text("stage") is { } answered ? [answered] : []);
                if (fact.Kind != "deployment.Proved")
                {
                    _stops.Add($"{body.Text("stage")} {body.Code}");
                }
                break;
            default:
                break;
        }
    }

    private void Answer(LedgerFact fact, FactBody body, IEnumerable<string> stages)
    {
        foreach (var stage in stages)
        {
            if (_asked.Remove((fact.Subject, body.Number("attempt"), stage), out var since))
            {
                AddWait(new(fact.Subject, body.Number("attempt"), stage, (fact.At - since).TotalSeconds, true));
            }
        }
    }

    private void AddWait(Wait wait)
    {
        // A run that is allowed by itself is no wait.
        if (wait.Seconds >= 1)
        {
            _waits.Enqueue(wait, wait.Seconds);
        }
        if (_waits.Count > MostWaits)
        {
            _waits.Dequeue();
        }
    }

    private ImmutableArray<Verdicts> Verdicts()
    {
        var rejected = _rejected.Top(int.MaxValue).ToDictionary(one => one.Name, one => one.Count, StringComparer.Ordinal);
        var approved = _approved.Top(int.MaxValue).ToDictionary(one => one.Name, one => one.Count, StringComparer.Ordinal);
        return
        [
            .. approved.Keys.Union(rejected.Keys).Select(name => new Verdicts(name, approved.GetValueOrDefault(name), rejected.GetValueOrDefault(name)))
                .OrderByDescending(one => one.Approved + one.Rejected).ThenBy(one => one.Person, StringComparer.Ordinal).Take(Most),
        ];
    }

    private static string Who(LedgerFact fact) => fact.OnBehalfOf ?? fact.Actor;

    /// <summary>The codes of a fact; what is not there or of another kind is nothing.</summary>
    private readonly record struct FactBody(JsonElement Json)
    {
        public string? Code => Text("code");

        public long Lost => Json.TryGetProperty("lost", out var lost) ? CountIn(lost) : 0;

        public static FactBody Of(LedgerFact fact)
        {
            try
            {
                using var body = JsonDocument.Parse(fact.Body);
                return new(body.RootElement.ValueKind is JsonValueKind.Object ? body.RootElement.Clone() : JsonElement.Parse("{}"));
            }
            catch (JsonException)
            {
                return new(JsonElement.Parse("{}"));
            }
        }

        public string? Text(string name) =>
            Json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

        public int Number(string name) =>
            Json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;

        private static long CountIn(JsonElement json) =>
            json.ValueKind is JsonValueKind.Number && json.TryGetInt64(out var count) ? Math.Clamp(count, 0, 1_000_000_000) : 0;

        public IEnumerable<(string Name, long Count)> Counts(string name) =>
            Json.TryGetProperty(name, out var counts) && counts.ValueKind is JsonValueKind.Object
                ? [.. counts.EnumerateObject().Select(one => (one.Name, CountIn(one.Value))).Where(one => one.Item2 > 0)]
                : [];
    }
}
