using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Maestro.Screen;

/// <summary>Answers for scripts. The names of fields are those of the records, in camel case, and stay; new ones may be added.</summary>
internal static class JsonOutput
{
    public const int SchemaVersion = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>One document: the schema's version, and the value under its name.</summary>
    public static string Of(string name, object? value) => new JsonObject
    {
        ["schemaVersion"] = SchemaVersion,
        [name] = JsonSerializer.SerializeToNode(value, Options),
    }.ToJsonString(Options);
}
