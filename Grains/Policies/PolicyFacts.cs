using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Policies;

/// <summary>The facts that policies judge, as JSON. They hold what a plan changes, never the contents that it writes.</summary>
public static class PolicyFacts
{
    /// <summary>
    /// <c>{stage, application, environment, change: {head, base, sensitivePaths, authorsKnown}, plan: {lineage, serial, bytes,
    /// changes: [{action, address, endpoint, port, summary}]}, allowedPorts}</c>. The same input makes the same bytes.
    /// </summary>
    /// <param name="allowedPorts">The ports an administrator registered for the environment.</param>
    public static byte[] Of(
        Stage stage, EnvironmentKey environment, ChangeOpened change, InfrastructurePlan plan, ImmutableArray<int> allowedPorts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("stage", stage.ToString());
            json.WriteString("application", environment.Application);
            json.WriteString("environment", environment.Environment);
            WriteChange(json, change);
            WritePlan(json, plan);
            WriteNumbers(json, "allowedPorts", allowedPorts);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteChange(Utf8JsonWriter json, ChangeOpened change)
    {
        json.WriteStartObject("change");
        json.WriteString("head", change.Head);
        json.WriteString("base", change.Base);
        json.WriteStartArray("sensitivePaths");
        foreach (var path in change.SensitivePaths)
        {
            json.WriteStringValue(path);
        }
        json.WriteEndArray();
        json.WriteBoolean("authorsKnown", change.AuthorsKnown);
        json.WriteEndObject();
    }

    private static void WritePlan(Utf8JsonWriter json, InfrastructurePlan plan)
    {
        var ports = Ports(plan.Document);
        json.WriteStartObject("plan");
        json.WriteString("lineage", plan.Lineage);
        json.WriteNumber("serial", plan.Serial);
        json.WriteNumber("bytes", plan.Document.Length);
        json.WriteStartArray("changes");
        foreach (var change in plan.Changes)
        {
            json.WriteStartObject();
            json.WriteString("action", JsonNamingPolicy.CamelCase.ConvertName(change.Action.ToString()));
            json.WriteString("address", change.Address);
            json.WriteBoolean("endpoint", change.Endpoint);
            if (ports.TryGetValue(change.Address, out var port))
            {
                json.WriteNumber("port", port);
            }
            else
            {
                json.WriteNull("port");
            }
            json.WriteString("summary", change.Summary);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableArray<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    // A plan that tells ports does so under changes[].port; of any other, policies see that the port is not known.
    private static Dictionary<string, int> Ports(ReadOnlyMemory<byte> document)
    {
        var ports = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            using var plan = JsonDocument.Parse(document);
            if (plan.RootElement.ValueKind == JsonValueKind.Object
                && plan.RootElement.TryGetProperty("changes", out var changes) && changes.ValueKind == JsonValueKind.Array)
            {
                foreach (var change in changes.EnumerateArray().Where(change => change.ValueKind == JsonValueKind.Object))
                {
                    if (change.TryGetProperty("address", out var address) && address.ValueKind == JsonValueKind.String
                        && change.TryGetProperty("port", out var port) && port.ValueKind == JsonValueKind.Number
                            && port.TryGetInt32(out var number))
                    {
                        ports[address.GetString()!] = number;
                    }
                }
            }
        }
        catch (JsonException)
        {
            ports.Clear();
        }
        return ports;
    }
}
