using System.Text.Json;
using System.Text.Json.Serialization;

namespace Maestro.Inbox;

/// <summary>Reads the body of a delivery. Only what carries a genuine signature comes here.</summary>
internal static class WebhookBody
{
    private const int LongestApplication = 100;
    private const int LongestBranch = 200;

    /// <param name="delivery">The id that the delivery came under.</param>
    /// <param name="problem">Why it is not understood, as a sentence; null where it is.</param>
    public static PullRequestEvent? Read(ReadOnlySpan<byte> json, string delivery, out string? problem)
    {
        try
        {
            var body = JsonSerializer.Deserialize(json, WebhookJson.Default.Content);
            problem = body is null ? "The body is not a JSON object." : ProblemOf(body, delivery);
            return problem is null ? new(ActionOf(body!.Action)!.Value, body.Application, body.Head, body.Base) : null;
        }
        catch (JsonException)
        {
            problem = "The body is not a JSON object with the texts action, application, head and base, none of them twice, at most 16 deep.";
            return null;
        }
    }

    private static string? ProblemOf(Content body, string delivery) => body switch
    {
        _ when ActionOf(body.Action) is null => "The action is not one of opened, updated and closed.",
        _ when !IsPlain(body.Application, LongestApplication) => $"The application is not a text of 1 to {LongestApplication} plain characters.",
        _ when !IsPlain(body.Head, LongestBranch) => $"The head is not a branch of 1 to {LongestBranch} plain characters.",
        _ when !IsPlain(body.Base, LongestBranch) => $"The base is not a branch of 1 to {LongestBranch} plain characters.",
        { Delivery: { } named } when named != delivery => "The delivery that the body names is not the one that the header names.",
        _ => null,
    };

    private static PullRequestAction? ActionOf(string text) => text switch
    {
        "opened" => PullRequestAction.Opened,
        "updated" => PullRequestAction.Updated,
        "closed" => PullRequestAction.Closed,
        _ => null,
    };

    private static bool IsPlain(string text, int longest) => text.Length > 0 && text.Length <= longest && !text.Any(char.IsControl);

    /// <summary>What is read of the body. A sender may say more than that.</summary>
    /// <param name="Delivery">The delivery's id once more: the signature covers the body only, so this binds the two.</param>
    internal sealed record Content(string Action, string Application, string Head, string Base, string? Delivery = null);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false, MaxDepth = 16)]
[JsonSerializable(typeof(WebhookBody.Content))]
internal sealed partial class WebhookJson : JsonSerializerContext;
