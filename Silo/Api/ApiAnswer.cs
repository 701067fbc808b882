using System.Text.Json;
using System.Text.Json.Serialization;
using Maestro.Deployments;
using Microsoft.AspNetCore.Http;

namespace Maestro.Api;

/// <summary>What the API answers with.</summary>
/// <param name="Type">The media type of the body.</param>
internal sealed record ApiAnswer(int Status, object Body, string Type = "application/json")
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static ApiAnswer Of(object body) => new(StatusCodes.Status200OK, body);

    /// <summary>A refusal as RFC 9457 has it, with all parts of the reason.</summary>
    public static ApiAnswer Of(Reason reason) => new(StatusOf(reason.Code), new
    {
        type = "about:blank",
        title = reason.Rule,
        status = StatusOf(reason.Code),
        detail = $"Expected: {reason.Expected}. Found: {reason.Found}. {reason.WayOut}",
        reason.Code,
        reason.Rule,
        reason.Expected,
        reason.Found,
        reason.WayOut,
    }, "application/problem+json");

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = Type;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Body, Form));
    }

    private static int StatusOf(string code) => code switch
    {
        "api.session" => StatusCodes.Status401Unauthorized,
        "api.role" or "call.refused" => StatusCodes.Status403Forbidden,
        "api.unknown" => StatusCodes.Status404NotFound,
        "api.method" => StatusCodes.Status405MethodNotAllowed,
        "api.unavailable" => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
