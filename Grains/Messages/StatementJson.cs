using System.Text.Json;
using System.Text.Json.Serialization;
using Maestro.Deployments;

namespace Maestro.Messages;

/// <summary>How messages are written and read as JSON.</summary>
public static class StatementJson
{
    /// <summary>
    /// For statements and predicates: camelCase, enums by name, required is required, null only where it is allowed, no property twice, at
    /// most 32 deep. Unknown fields are ignored, as in-toto asks, so that fields can be added within one release.
    /// </summary>
    public static JsonSerializerOptions Strict { get; } = Make(required: true);

    /// <summary>The same, without required fields: for others' forms, which leave things out. What is missing is checked by hand.</summary>
    internal static JsonSerializerOptions Lenient { get; } = Make(required: false);

    /// <summary>The JSON as a whole: nothing twice at any depth, no null in a list, nothing after its end.</summary>
    /// <exception cref="RefusedException">It is not JSON of that kind.</exception>
    public static JsonElement Document(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return HasGap(document.RootElement) ? throw MessageRefusal.Malformed("a list with a gap") : document.RootElement.Clone();
        }
        // Half a surrogate in a name is found out only when names are compared, and then it is no JsonException.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw MessageRefusal.Malformed("something that is not JSON without repetitions");
        }
    }

    /// <summary>The JSON as this type.</summary>
    /// <exception cref="RefusedException">It does not have the type's form.</exception>
    public static T Read<T>(JsonElement json) => (T)Read(json, typeof(T));

    /// <inheritdoc cref="Read{T}"/>
    public static object Read(JsonElement json, Type type)
    {
        try
        {
            return json.Deserialize(type, Strict) ?? throw MessageRefusal.Malformed("null");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or NotSupportedException)
        {
            throw MessageRefusal.Malformed($"JSON that is not a {type.Name.Split('`')[0]}");
        }
    }

    private static bool HasGap(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(element => element.ValueKind is JsonValueKind.Null || HasGap(element)),
        JsonValueKind.Object => json.EnumerateObject().Any(property => HasGap(property.Value)),
        _ => false,
    };

    private static JsonSerializerOptions Make(bool required)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            RespectNullableAnnotations = required,
            RespectRequiredConstructorParameters = required,
            AllowDuplicateProperties = false,
            IgnoreReadOnlyProperties = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.Never,
            MaxDepth = 32,
            Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false), new DeploymentIdJson() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class DeploymentIdJson : JsonConverter<DeploymentId>
    {
        public override DeploymentId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && DeploymentId.TryParse(reader.GetString(), out var id)
                ? id
                : throw new JsonException("A deployment was expected.");

        public override void Write(Utf8JsonWriter writer, DeploymentId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
