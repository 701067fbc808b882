using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

/// <summary>What a hostile build tries, in the sandbox and, to show that the test can fail, without it.</summary>
public sealed class SandboxTests
{
    private const string Secret = "the-secret-beside-the-data-folder";

    public static TheoryData<bool> Both => [true, false];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_a_build_read_the_data_folder(bool unsandboxed)
    {
        await using var place = Place(unsandboxed);
        var path = Path.Combine(place.Folder, "planted");
        await File.WriteAllTextAsync(path, Secret, Workplace.Cancellation);
        Assert.Equal(unsandboxed, await SucceedsAsync(place, $"cat {path} > $MAESTRO_OUTPUT/a"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_a_build_read_the_users_home(bool unsandboxed)
    {
        await using var place = Place(unsandboxed);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.SkipUnless(Directory.Exists(home), "This user has no home folder.");
        Assert.Equal(unsandboxed, await SucceedsAsync(place, $"ls -d {home}; echo hi > $MAESTRO_OUTPUT/a"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_a_build_reach_the_network(bool unsandboxed)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is not installed.");
        await using var place = Place(unsandboxed);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = Workplace.Text(((IPEndPoint)listener.LocalEndpoint).Port);
        place.Git.Files["connect.sh"] = $"#!/bin/bash\nset -e\necho hi > /dev/tcp/127.0.0.1/{port}\necho hi > $MAESTRO_OUTPUT/a\n";
        Assert.Equal(unsandboxed, await place.BuildAsync("./connect.sh") is Work<ImageBuilt>.Done);
        Assert.Equal(unsandboxed, listener.Pending());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_a_build_see_other_processes(bool unsandboxed)
    {
        await using var place = Place(unsandboxed);
        var pid = Workplace.Text(Environment.ProcessId);
        Assert.Equal(unsandboxed, await SucceedsAsync(place, $"grep -q Maestro.Tests /proc/{pid}/cmdline; echo hi > $MAESTRO_OUTPUT/a"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_without_a_sandbox_can_a_build_write_outside_its_folder(bool unsandboxed)
    {
        await using var place = Place(unsandboxed);
        var target = Directory.CreateDirectory(Path.Combine(place.Folder, "target")).FullName;
        await place.BuildAsync(place.Script($"echo x > {target}/x || true; echo hi > $MAESTRO_OUTPUT/a"));
        Assert.Equal(unsandboxed, File.Exists(Path.Combine(target, "x")));
    }

    [Fact]
    public async Task A_sandboxed_build_has_no_capability_and_a_small_system_that_it_cannot_change()
    {
        await using var place = Place(unsandboxed: false);
        Assert.True(await SucceedsAsync(place, """
            grep -q 'CapEff:.*0000000000000000' /proc/self/status
            test ! -e /etc/shadow
            test ! -e /etc/ssl/private
            test ! -w /
            test ! -w /usr
            test ! -w /dev
            echo hi > $MAESTRO_OUTPUT/a
            """));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task No_variable_of_the_silo_reaches_a_build(bool unsandboxed)
    {
        await using var place = Place(unsandboxed);
        Environment.SetEnvironmentVariable("MAESTRO_TEST_PLANTED", Secret);
        try
        {
            Assert.True(await SucceedsAsync(place, """
                env > $MAESTRO_OUTPUT/a
                test -z "$MAESTRO_TEST_PLANTED"
                ! grep -q PLANTED /proc/$PPID/environ
                """));
            using var inheriting = Process.Start(new ProcessStartInfo("env") { RedirectStandardOutput = true })!;
            Assert.Contains(Secret, await inheriting.StandardOutput.ReadToEndAsync(Workplace.Cancellation), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("MAESTRO_TEST_PLANTED", null);
        }
    }

    [Fact]
    public async Task A_dotnet_project_builds_without_a_network()
    {
        await using var place = Place(unsandboxed: false);
        place.Git.Files["app.csproj"] = "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework>"
            + "<OutputType>Exe</OutputType></PropertyGroup></Project>";
        place.Git.Files["Program.cs"] = "System.Console.WriteLine(1);";
        var work = await place.BuildAsync(place.Script("dotnet build -o $MAESTRO_OUTPUT"));
        Assert.True(work is Work<ImageBuilt>.Done, work.ToString());
        Assert.Empty(place.Processes());
    }

    [Theory]
    [InlineData("/nowhere/bwrap", "bubblewrap is not installed")]
    [InlineData("/bin/false", "bubblewrap does not work: ")]
    public void A_missing_or_broken_sandbox_refuses_and_names_the_way_out(string program, string found)
    {
        var reason = Assert.Throws<RefusedException>(() => Sandbox.Find([program], [])).Reason;
        Assert.Equal("sandbox.missing", reason.Code);
        Assert.Equal(found, reason.Found);
        Assert.Contains("--unsandboxed", reason.WayOut, StringComparison.Ordinal);
    }

    private static Workplace Place(bool unsandboxed)
    {
        Assert.SkipUnless(unsandboxed || Workplace.CanSandbox, "bubblewrap is not installed.");
        return new Workplace { Unsandboxed = unsandboxed };
    }

    private static async Task<bool> SucceedsAsync(Workplace place, string content) =>
        await place.BuildAsync(place.Script(content)) is Work<ImageBuilt>.Done;
}
