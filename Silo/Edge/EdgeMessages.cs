using System.Text.Json;
using System.Text.Json.Serialization;
using Maestro.Messages;

namespace Maestro.Edge;

/// <summary>A wish to send an environment's traffic elsewhere, under a fencing token.</summary>
/// <param name="Environment">Such as <c>env/shop/production</c>.</param>
/// <param name="Port">The environment's own loopback port, 1 to 65535.</param>
/// <param name="Expected">The effect that must be serving now; null for nothing.</param>
/// <param name="Target">The effect that shall serve; null, with a null address, for nothing.</param>
/// <param name="Address">Where the target listens: http on a loopback address.</param>
/// <param name="Lease">Custody's lease for exactly this; only staging needs none.</param>
internal sealed record SwitchRequest(
    string Environment, int Port, long Token, string? Expected, string? Target, Uri? Address, Envelope? Lease = null);

internal sealed record InFlightAnswer(int Requests);

internal sealed record PingAnswer(int Process, string Folder);

/// <param name="Listening">The port is open; false while another process holds it.</param>
internal sealed record RouteLine(string Environment, int Port, long Token, string? Effect, Uri? Address, bool Listening);

internal static class EdgeJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        return options;
    }
}
