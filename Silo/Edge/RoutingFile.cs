using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Edge;

/// <summary>What the edge knows about one environment and must know again after a restart.</summary>
/// <param name="Port">Its loopback port; 0 while none was opened.</param>
/// <param name="Token">The highest fencing token that was seen.</param>
/// <param name="Last">The last switch; its line is in the journal, unless the process died before it was written.</param>
internal sealed record StoredRoute(string Environment, int Port, long Token, string? Effect, Uri? Address, JournalLine? Last)
{
    public static StoredRoute Unknown(string environment) => new(environment, 0, 0, null, null, null);

    public Route ToRoute() => new(Effect, Address, Token, Last?.Time);
}

/// <summary>The routing file: replaced as a whole, durable before it is relied on, with a digest so that damage is never served.</summary>
internal sealed class RoutingFile(EdgeFolder folder, EdgeRules rules)
{
    private const int Version = 1;

    /// <exception cref="RefusedException">The file is damaged.</exception>
    public ImmutableArray<StoredRoute> Read()
    {
        if (!File.Exists(folder.Routes))
        {
            return [];
        }
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(folder.Routes), EdgeJson.Options)
                ?? throw Damaged("no content");
            Check(content);
            return content.Routes;
        }
        catch (JsonException e)
        {
            throw Damaged(e.Message);
        }
    }

    public void Write(IEnumerable<StoredRoute> routes)
    {
        ImmutableArray<StoredRoute> sorted = [.. routes.OrderBy(route => route.Environment, StringComparer.Ordinal)];
        var fresh = folder.Routes + ".new";
        using (var file = EdgeFolder.Open(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, new Content(Version, DigestOf(sorted), sorted), EdgeJson.Options);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, folder.Routes, overwrite: true);
        SyncFolder();
    }

    public RefusedException Damaged(string found) => new(new Reason("edge.routes-damaged",
        "The edge serves only what its routing file says for certain.", $"an undamaged {folder.Routes}", found,
        $"Restore the file; or move it and {folder.Journal} away to start with nothing served, and deploy again."));

    private void Check(Content content)
    {
        if (content.Version != Version)
        {
            throw Damaged($"version {content.Version}, not {Version}");
        }
        if (content.Sha256 != DigestOf(content.Routes))
        {
            throw Damaged("content that does not match its digest");
        }
        if (!content.Routes.All(IsSound) || content.Routes.DistinctBy(route => route.Environment).Count() != content.Routes.Length)
        {
            throw Damaged("a route that the edge would never write");
        }
    }

    private bool IsSound(StoredRoute? route) =>
        route is not null && SwitchRequestRules.IsEnvironment(route.Environment) && route.Port is >= 0 and <= 65535 && route.Token >= 0
        && route.Effect is null == route.Address is null && (route.Address is null || rules.Reaches(route.Address));

    private static string DigestOf(ImmutableArray<StoredRoute> routes) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(routes, EdgeJson.Options)));

    // Without this the rename itself may be lost with the power.
    private void SyncFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var descriptor = NativeMethods.Open(Encoding.UTF8.GetBytes(folder.Path + '\0'), 0);
        var synced = descriptor != -1 && NativeMethods.Sync(descriptor) == 0;
        if (descriptor != -1)
        {
            _ = NativeMethods.Close(descriptor);
        }
        if (!synced)
        {
            throw new IOException($"The folder {folder.Path} could not be written through to the disk.");
        }
    }

    private sealed record Content(int Version, string Sha256, ImmutableArray<StoredRoute> Routes);
}
