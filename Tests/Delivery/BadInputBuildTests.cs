using System.Net;
using System.Net.Sockets;
using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>Changes that build or run badly.</summary>
[Collection(nameof(BadInputSilo))]
public sealed class BadInputBuildTests(BadInputSilo silo)
{
    [Fact]
    public async Task A_build_that_hangs_is_ended_at_its_deadline()
    {
        silo.Base("hurried", manifest => manifest.Replace("  output: out", "  output: out\n  within: 2s", StringComparison.Ordinal));
        silo.Repository.Commit("hanging", "hurried", ("build.sh", "sleep 3600\n"));
        var reason = await silo.RefusedAsync(await silo.OpenAsync("hanging", "hurried"), Stage.Build, "build.deadline");
        Assert.Contains("within", reason.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_writes_without_end_is_ended_by_the_limit_and_its_files_are_gone()
    {
        // Were nobody to end it, it would stop by itself at 4 GB.
        const string script = "mkdir out\nfor i in $(seq 1 250); do head -c 16000000 /dev/zero > out/part$i; sleep 0.02; done\n";
        silo.Repository.Commit("greedy", "main", ("build.sh", script));
        await silo.RefusedAsync(await silo.OpenAsync("greedy"), Stage.Build, "build.too-large");
        Assert.Empty(Directory.EnumerateFiles(silo.Delivery.Data, "part1", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("staging", Stage.DeployStaging)]
    [InlineData("production", Stage.Promote)]
    public async Task A_release_that_never_listens_is_taken_back(string environment, Stage stage)
    {
        var onto = $"impatient-{environment}";
        silo.Base(onto, manifest => manifest.Replace("deadline: 20s", "deadline: 4s", StringComparison.Ordinal));
        silo.Repository.Commit($"deaf-{environment}", onto, ("settings.txt", $"version=666\ndeaf={environment}\n"));
        await silo.RefusedAsync(await silo.OpenAsync($"deaf-{environment}", onto), stage, "release.unhealthy");
        await silo.OrdinaryAsync();
    }

    [Fact]
    public async Task A_release_that_exits_at_once_is_refused_with_the_end_of_its_output()
    {
        silo.Repository.Commit("quitter", "main", ("settings.txt", "version=666\nexits=staging\n"));
        var reason = await silo.RefusedAsync(await silo.OpenAsync("quitter"), Stage.DeployStaging, "release.exited");
        Assert.Contains("told to exit", reason.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_production_port_that_somebody_else_has_is_left_to_them()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var repository = await silo.Delivery.RegisterAsync("squeezed", port);
        await repository.PushAsync("new", ("settings.txt", "version=1\n"));
        var id = await silo.OpenAsync("new", application: "squeezed");
        var reason = await silo.RefusedAsync(id, Stage.Promote, "edge.port-in-use");
        Assert.Contains($"{port}", reason.WayOut, StringComparison.Ordinal);
        Assert.False(other.Pending());
        other.Stop();
        await silo.ConsoleAsync("reviewer", "retry", id);
        var view = await silo.Delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal("200 version 1", await TestDelivery.AskAsync(port));
    }

    [Theory]
    [InlineData("joined", "command: [sh, build.sh]", "command: [\"sh build.sh; touch /tmp/{0}\"]", Stage.Build)]
    [InlineData("substituted", "command: [sh, test.sh]", "command: [\"`touch /tmp/{0}`\", \"&& touch /tmp/{0}\"]", Stage.Test)]
    [InlineData(
        "climbing", "command: [dotnet, Served.dll]", "command: [\"../../../../../../bin/touch\", \"/tmp/{0}\"]", Stage.DeployStaging)]
    public async Task A_hostile_command_reaches_no_shell_and_no_program_outside(string branch, string command, string hostile, Stage stage)
    {
        var marker = $"maestro-marker-{Guid.NewGuid():N}";
        silo.Base(branch, manifest => manifest.Replace(command, string.Format(null, hostile, marker), StringComparison.Ordinal));
        silo.Repository.Commit($"onto-{branch}", branch, ("new.txt", "new\n"));
        var id = await silo.OpenAsync($"onto-{branch}", branch);
        var view = await silo.Delivery.DeliverAsync(id);
        var row = view.Stages.Single(row => row.Stage == stage);
        Assert.True(view.Outcome is Outcome.Refused or Outcome.Failed && row.Reason is not null, TestDelivery.Describe(view));
        BadInputSilo.IsClear(row.Reason);
        Assert.False(File.Exists(Path.Combine("/tmp", marker)));
        await silo.StillServesAsync();
    }
}
