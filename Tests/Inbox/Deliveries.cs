using System.Text;
using System.Text.Json;

namespace Maestro.Inbox;

/// <summary>Deliveries for tests.</summary>
internal static class Deliveries
{
    public static DateTimeOffset Noon { get; } = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Delivery Of(string id, string action = "opened", string application = "shop", string head = "feature", string source = "generic",
        string into = "main", string padding = "", DateTimeOffset? at = null)
    {
        var kind = Enum.Parse<PullRequestAction>(action, ignoreCase: true);
        return new(source, id, new(kind, application, head, into), Body(action, application, head, into, padding), at ?? Noon);
    }

    public static byte[] Body(string action = "opened", string application = "shop", string head = "feature", string into = "main", string padding = "") =>
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { action, application, head, @base = into, padding }));
}
