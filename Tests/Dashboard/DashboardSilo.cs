using System.Collections.Immutable;
using System.Net;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Maestro.Dashboard;

/// <summary>A real silo in this process with its dashboard, an operator and a viewer.</summary>
internal sealed class DashboardSilo : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-dashboard-");
    private readonly DataFolder _data;
    private readonly int _port = Ports.Free();
    private readonly IHost _host;
    private readonly HttpMessageInvoker _browser = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    private DashboardSilo(Action<IServiceCollection> replace)
    {
        _data = DataFolder.Open(Path.Combine(_folder.FullName, "data"));
        _host = SiloHost.Build(
            _data, new(_data.Path, Unsandboxed: true, Verbose: false) { Telemetry = TelemetrySettings.Of(null, 0, _port) }, replace);
    }

    public string Cluster => _host.Services.GetRequiredService<SiloFile>().ClusterId;

    public static async Task<DashboardSilo> StartAsync(Action<IServiceCollection>? replace = null)
    {
        var silo = new DashboardSilo(replace ?? (_ => { }));
        await silo._host.StartAsync(TestContext.Current.CancellationToken);
        await silo.EnrolAsync("anna", Role.Viewer, Role.Sre);
        await silo.EnrolAsync("bob", Role.Viewer, Role.Reviewer, Role.Admin);
        return silo;
    }

    public Task<Person> EnrolAsync(string name, params ImmutableArray<Role> roles) => new Enrolment(
        _data.Keys, EmbeddedIdentity.RosterPath(_data.Path)).EnrolAsync(
            name, [$"{name}@maestro.example"], roles, [], _folder.FullName, TestContext.Current.CancellationToken);

    public PersonKey KeyOf(string person) => PersonKey.Load(Path.Combine(_folder.FullName, $"{person}.key"));

    public string TokenOf(string person, string? cluster = null)
    {
        using var key = KeyOf(person);
        return DashboardTokens.Issue(key, cluster ?? Cluster, TimeProvider.System);
    }

    /// <summary>Asks the dashboard with these headers.</summary>
    public async Task<HttpResponseMessage> AskAsync(string path, string? bearer = null, string? cookie = null, string host = "127.0.0.1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{_port}{path}"));
        request.Headers.Host = $"{host}:{_port}";
        if (bearer is not null)
        {
            request.Headers.Authorization = new("Bearer", bearer);
        }
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }
        return await _browser.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<HttpStatusCode> CodeAsync(string path, string? bearer = null, string? cookie = null, string host = "127.0.0.1")
    {
        using var answer = await AskAsync(path, bearer, cookie, host);
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _data.Dispose();
        await SiloHost.EndAsync(_data.Path, CancellationToken.None);
        await Eventually.IsGoneAsync(_folder.FullName);
    }
}
