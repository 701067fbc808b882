using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Maestro.Demo;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Api;

/// <summary>A real silo in this process with its API and its own issuer, an operator, a viewer, and one who may nothing.</summary>
public class ApiSilo : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-api-");
    private readonly int _port = Ports.Free();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private DataFolder _data = null!;
    private IHost _host = null!;

    internal string Data => _data.Path;

    internal string Issuer => $"http://127.0.0.1:{_port}";

    internal IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public virtual async ValueTask InitializeAsync()
    {
        _data = DataFolder.Open(Path.Combine(_folder.FullName, "data"));
        // Beside a marked folder the console keeps people's keys, instead of in the configuration of whoever runs the tests.
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, DemoSettings.MarkerFile), "");
        var settings = new SiloSettings(_data.Path, Unsandboxed: true, Verbose: false)
        {
            SignIn = await SignInAsync(_port),
            Telemetry = TelemetrySettings.Of(null, 0, DashboardPort),
        };
        _host = SiloHost.Build(_data, settings, _ => { });
        await _host.StartAsync(TestContext.Current.CancellationToken);
        await EnrolAsync("anna", Role.Viewer, Role.Sre);
        await EnrolAsync("bob", Role.Viewer);
        await EnrolAsync("eve", Role.Author);
    }

    internal Task<Person> EnrolAsync(string name, params ImmutableArray<Role> roles) => new Enrolment(
        _data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).EnrolAsync(
            name, [$"{name}@maestro.example"], roles, [], PersonKeys.Folder(_data.Path), TestContext.Current.CancellationToken);

    internal PersonKey KeyOf(string person) => PersonKey.Load(Path.Combine(PersonKeys.Folder(_data.Path), $"{person}.key"));

    /// <summary>A session of this person, for the person's key.</summary>
    internal async Task<string> SessionOfAsync(string person)
    {
        using var key = KeyOf(person);
        var (status, answer) = await ExchangeAsync(SessionAssertion.Issue(key, Issuer, TimeProvider.System));
        Assert.Equal(HttpStatusCode.OK, status);
        return answer.GetProperty("access_token").GetString()!;
    }

    internal Task<(HttpStatusCode Status, JsonElement Answer)> ExchangeAsync(string assertion) => AskAsync("/token", method: HttpMethod.Post, form: new()
    {
        ["grant_type"] = SessionAssertion.GrantType,
        ["assertion"] = assertion,
    });

    internal async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(
        string path, string? session = null, HttpMethod? method = null, Dictionary<string, string>? form = null, string host = "127.0.0.1")
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"{Issuer}{path}");
        request.Headers.Host = $"{host}:{_port}";
        request.Headers.Authorization = session is null ? null : new("Bearer", session);
        request.Content = form is null ? null : new FormUrlEncodedContent(form);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonDocument.Parse(body).RootElement);
    }

    /// <summary>A client of the silo that does with its calls what is said.</summary>
    internal async Task<IHost> ConnectAsync(Action<IClientBuilder> configure)
    {
        var file = _host.Services.GetRequiredService<SiloFile>();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseLocalhostClustering(file.GatewayPort, file.ServiceId, file.ClusterId);
            configure(client);
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    internal virtual Task<SignInSettings> SignInAsync(int port) => Task.FromResult(new SignInSettings(port));

    internal virtual int DashboardPort => 0;

    internal Task<Person> LinkAsync(string name, string account) => new Enrolment(
        _data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).LinkAsync(name, [account], TestContext.Current.CancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _http.Dispose();
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _data.Dispose();
        await SiloHost.EndAsync(_data.Path, CancellationToken.None);
        await Eventually.IsGoneAsync(_folder.FullName);
    }
}
