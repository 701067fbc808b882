using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Outside.Processes;

/// <summary>Instances of a small web server, built once by the workshop itself.</summary>
public sealed class RuntimeTests(ServerImage server) : IClassFixture<ServerImage>
{
    private const string Name = "pr/local/acme/shop/42/a1/Promote";
    private static readonly SocketsHttpHandler Wire = new();
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public static TheoryData<bool> Both => Workplace.CanSandbox ? [true, false] : [true];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_instance_listens_where_it_was_told_and_outlives_its_runtime(bool unsandboxed)
    {
        await using var place = await server.PlaceAsync(unsandboxed);
        var started = await StartAsync(place, place.Runtime());
        var found = await place.Runtime().FindAsync(Name, Workplace.Cancellation);
        Assert.Equal((started.Address, false), (found!.Address, found.Exited));
        var variables = await AskAsync<Dictionary<string, string>>(started, "env");
        Assert.Equal(("staging", Name), (variables["MAESTRO_ENVIRONMENT"], variables["MAESTRO_RELEASE"]));
        Assert.Equal(started.Address, (await place.StartedAsync(place.Runtime(), Name, server.Image, "dotnet", "app.dll")).Address);
        var pid = place.Leader(Name, "runtime/instances");
        Assert.True(pid.IsAlive);
        await place.Runtime().StopAsync(Name, Grace, Workplace.Cancellation);
        Assert.Empty(place.Processes());
        Assert.Null(await place.Runtime().FindAsync(Name, Workplace.Cancellation));
        Assert.True(File.Exists(Path.Combine(place.Folder, "runtime", "state", "shop-staging", "stopped")),
            "It was not asked to end by itself.");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Stopping_leaves_no_process_of_those_it_started(bool unsandboxed)
    {
        await using var place = await server.PlaceAsync(unsandboxed);
        var started = await StartAsync(place, place.Runtime());
        await AskAsync<bool>(started, "fork");
        await place.Runtime().StopAsync(Name, TimeSpan.Zero, Workplace.Cancellation);
        Assert.Empty(place.Processes());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_dead_instance_is_said_to_be_and_is_started_again(bool unsandboxed)
    {
        await using var place = await server.PlaceAsync(unsandboxed);
        var started = await StartAsync(place, place.Runtime());
        await AskAsync<bool>(started, "fork");
        NativeMethods.Signal(place.Leader(Name, "runtime/instances").Pid, NativeMethods.Kill);
        await Workplace.UntilAsync("it is gone", async () => (await place.Runtime().FindAsync(Name, Workplace.Cancellation))!.Exited);
        Assert.Empty(place.Processes());
        Assert.True(await AskAsync<bool>(await StartAsync(place, place.Runtime()), "ok"));
    }

    [Fact]
    public async Task An_instance_that_fails_shows_the_end_of_what_it_printed()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var runtime = place.Runtime();
        var instance = await place.StartedAsync(runtime, Name, server.Image, "dotnet", "app.dll", "fail");
        await Workplace.UntilAsync("it ended", async () => (instance = await runtime.FindAsync(Name, Workplace.Cancellation))!.Exited);
        Assert.Contains("it cannot start", instance!.Tail, StringComparison.Ordinal);
        Assert.Contains("password=[secret]", instance.Tail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_else_listens_at_its_port_does_not_pass_for_the_instance(bool unsandboxed)
    {
        await using var place = await server.PlaceAsync(unsandboxed);
        var runtime = place.Runtime();
        var waiting = await place.StartedAsync(runtime, Name, server.Image, "sleep", "600");
        using var intruder = new TcpListener(IPAddress.Loopback, waiting.Address.Port);
        intruder.Start();
        Assert.False((await runtime.FindAsync(Name, Workplace.Cancellation))!.Listens);

        const string other = "pr/local/acme/shop/43/a1/Promote";
        var honest = await place.StartedAsync(runtime, other, server.Image, "dotnet", "app.dll");
        await Workplace.UntilAsync("it listens", async () => (honest = (await runtime.FindAsync(other, Workplace.Cancellation))!).Listens);
        Assert.True(await AskAsync<bool>(honest, "ok"));
    }

    [Fact]
    public async Task An_instance_that_never_listens_still_runs()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var instance = await place.StartedAsync(place.Runtime(), Name, server.Image, "sleep", "600");
        Assert.False(instance.Exited);
        using var client = new HttpClient(Wire, disposeHandler: false);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(instance.Address, Workplace.Cancellation));
    }

    [Fact]
    public async Task Two_instances_have_two_ports()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var runtime = place.Runtime();
        var one = await place.StartedAsync(runtime, "one", server.Image, "sleep", "600");
        var two = await place.StartedAsync(runtime, "two", server.Image, "sleep", "600");
        Assert.NotEqual(one.Address.Port, two.Address.Port);
    }

    [Fact]
    public async Task Orphans_are_swept_and_the_named_stay()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var runtime = place.Runtime();
        await place.StartedAsync(runtime, "one", server.Image, "sleep", "600");
        await place.StartedAsync(runtime, "two", server.Image, "sleep", "600");
        Assert.Equal(["two"], await runtime.SweepAsync(name => Task.FromResult(name == "one"), TimeSpan.Zero, Workplace.Cancellation));
        Assert.NotNull(await runtime.FindAsync("one", Workplace.Cancellation));
        Assert.Null(await runtime.FindAsync("two", Workplace.Cancellation));
    }

    [Fact]
    public async Task An_instance_that_came_back_into_use_while_others_were_swept_stays()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var runtime = place.Runtime();
        await place.StartedAsync(runtime, "one", server.Image, "sleep", "600");
        await place.StartedAsync(runtime, "two", server.Image, "sleep", "600");
        var stopped = new HashSet<string>();
        // Whichever is asked for second is needed again by then.
        var swept = await runtime.SweepAsync(name => Task.FromResult(!stopped.Add(name) || stopped.Count > 1), TimeSpan.Zero, Workplace.Cancellation);
        Assert.Single(swept);
        Assert.NotNull(await runtime.FindAsync(stopped.Single(name => name != swept[0]), Workplace.Cancellation));
    }

    [Fact]
    public async Task A_talkative_instance_keeps_a_small_log()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var started = await StartAsync(place, place.Runtime());
        var log = new WorkShelf(Path.Combine(place.Folder, "runtime", "instances")).Newest(Name, out _)!.Output;
        await AskAsync<bool>(started, "print");
        await Workplace.UntilAsync("the log is cut",
            () => new FileInfo(log + ".before") is { Exists: true, Length: > 0 } && new FileInfo(log).Length <= 64 << 10);
        Assert.InRange(new FileInfo(log + ".before").Length, 1, 64 << 10);
        Assert.True(await AskAsync<bool>(started, "ok"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_an_instance_read_the_data_folder(bool unsandboxed)
    {
        await using var place = await server.PlaceAsync(unsandboxed);
        var secret = Path.Combine(place.Folder, "planted");
        await File.WriteAllTextAsync(secret, "x", Workplace.Cancellation);
        var started = await StartAsync(place, place.Runtime());
        Assert.Equal(unsandboxed, await AskAsync<bool>(started, $"can-read?path={secret}"));
        Assert.True(await AskAsync<bool>(started, "can-write-state"));
    }

    [Fact]
    public async Task A_name_is_bound_to_its_image_and_a_missing_program_is_named()
    {
        await using var place = await server.PlaceAsync(!Workplace.CanSandbox);
        var runtime = place.Runtime();
        await place.StartedAsync(runtime, Name, server.Image, "sleep", "600");
        var other = await Assert.ThrowsAsync<RefusedException>(() => runtime.StartAsync(
            Name, new EnvironmentKey("shop", "production"), server.Image.Image, new RunSettings(["sleep", "1"], "PORT", []),
            Workplace.Cancellation));
        Assert.Equal("instance.mismatch", other.Reason.Code);
        var missing = await Assert.ThrowsAsync<RefusedException>(() => place.StartedAsync(runtime, "three", server.Image,
            "./no-such-file"));
        Assert.Equal("instance.no-command", missing.Reason.Code);
        var unknown = await Assert.ThrowsAsync<RefusedException>(() => place.StartedAsync(runtime, "four",
            server.Image with { Image = Digest.Of([1]) }, "sleep"));
        Assert.Equal("instance.no-image", unknown.Reason.Code);
    }

    private async Task<Instance> StartAsync(Workplace place, ProcessRuntime runtime)
    {
        var instance = await place.StartedAsync(runtime, Name, server.Image, "dotnet", "app.dll");
        await Workplace.UntilAsync("it answers", async () =>
        {
            var found = await runtime.FindAsync(Name, Workplace.Cancellation);
            Assert.False(found!.Exited, found.Tail);
            return await TryAsync(instance);
        });
        return instance;
    }

    private static async Task<bool> TryAsync(Instance instance)
    {
        try
        {
            return await AskAsync<bool>(instance, "ok");
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<T> AskAsync<T>(Instance instance, string path)
    {
        using var client = new HttpClient(Wire, disposeHandler: false);
        return (await client.GetFromJsonAsync<T>(new Uri(instance.Address, path), Workplace.Cancellation))!;
    }
}
