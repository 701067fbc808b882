using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Maestro.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Maestro.Identity;

/// <summary>GitHub's REST interface over loopback, as far as teams go: members in pages with links, for whoever has the token.</summary>
internal sealed class StandInGitHub : IAsyncDisposable
{
    public const string Organization = "acme";
    public const string Token = "ghp_of-a-test";

    private readonly WebApplication _server;

    private StandInGitHub(int port)
    {
        Api = new Uri($"http://127.0.0.1:{port}/api/v3/");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public Uri Api { get; }

    /// <summary>Logins of each team.</summary>
    public ConcurrentDictionary<string, string[]> Teams { get; } = new();

    /// <summary>What was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What it answers instead; null for what is asked.</summary>
    public (int Status, string Body)? Instead { get; set; }

    public static async Task<StandInGitHub> StartAsync()
    {
        var server = new StandInGitHub(Ports.Free());
        await server._server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>What a silo is told of it.</summary>
    /// <param name="folder">Where the token's file is put.</param>
    public TeamSettings Settings(string folder, string token = Token)
    {
        var file = Path.Combine(folder, "github-token");
        File.Delete(file);
        using (var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"{token}\n"));
        }
        return TeamSettings.Of(Organization, Api.ToString(), file)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue($"{context.Request.Path}{context.Request.QueryString}");
        var (status, body) = Instead ?? Answer(context);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private (int Status, string Body) Answer(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Authorization.ToString().Split(' ') is not ["Token" or "token" or "Bearer", Token])
        {
            return (401, """{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest"}""");
        }
        if (request.Path.Value!.Split('/') is not ["", "api", "v3", "orgs", Organization, "teams", var team, "members"]
            || !Teams.TryGetValue(team, out var members))
        {
            return (404, """{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}""");
        }
        var (size, page) = (Number(request.Query["per_page"], 30), Number(request.Query["page"], 1));
        if (page * size < members.Length)
        {
            context.Response.Headers.Link = $"<{new Uri(Api, $"orgs/{Organization}/teams/{team}/members?per_page={size}&page={page + 1}")}>; rel=\"next\"";
        }
        return (200, JsonSerializer.Serialize(members.Skip((page - 1) * size).Take(size).Select((login, at) => new
        {
            login,
            id = (page * size) + at,
            type = "User",
            site_admin = false,
        })));
    }

    private static int Number(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
