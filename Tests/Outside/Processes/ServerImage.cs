using System.Diagnostics;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

/// <summary>A small web server, built once, whose image each test gets in a workplace of its own.</summary>
public sealed class ServerImage : IAsyncLifetime
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework>
        <ImplicitUsings>enable</ImplicitUsings><UseAppHost>false</UseAppHost></PropertyGroup></Project>
        """;

    private const string Program = """
        using System.Diagnostics;
        if (args is ["fail"]) { Console.WriteLine("password=hunter2"); Console.Error.WriteLine("it cannot start"); return 3; }
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var state = Environment.GetEnvironmentVariable("MAESTRO_STATE");
        app.MapGet("/ok", () => true);
        app.MapGet("/env", () => Environment.GetEnvironmentVariables());
        app.MapGet("/fork", () => Process.Start("setsid", ["sleep", "606"]) is not null);
        app.MapGet("/print", () => { for (var i = 0; i < 20000; i++) Console.WriteLine(new string('x', 100)); return true; });
        app.MapGet("/can-read", (string path) => File.Exists(path));
        app.MapGet("/can-write-state", () => { File.WriteAllText(state + "/a", "a"); return true; });
        app.Lifetime.ApplicationStopping.Register(() => File.WriteAllText(state + "/stopped", ""));
        app.Run("http://127.0.0.1:" + Environment.GetEnvironmentVariable("PORT"));
        return 0;
        """;

    private readonly Workplace _place = new();

    internal ImageBuilt Image { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _place.Git.Files["app.csproj"] = Project;
        _place.Git.Files["Program.cs"] = Program;
        var work = await _place.BuildAsync(_place.Script("dotnet build -c Release -o $MAESTRO_OUTPUT"));
        Image = work is Work<ImageBuilt>.Done done ? done.Proof : throw new InvalidOperationException(work.ToString());
    }

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    internal async Task<Workplace> PlaceAsync(bool unsandboxed)
    {
        var place = new Workplace { Unsandboxed = unsandboxed };
        var images = Directory.CreateDirectory(Path.Combine(place.Folder, "work", "images")).FullName;
        using var copy = Process.Start("cp", ["-a", Path.Combine(_place.Folder, "work", "images", Image.Image.Hex), images]);
        await copy.WaitForExitAsync(Workplace.Cancellation);
        return place;
    }
}
