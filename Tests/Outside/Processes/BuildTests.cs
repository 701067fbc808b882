using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

public sealed class BuildTests
{
    [Fact]
    public async Task The_digest_depends_on_content_and_nothing_else()
    {
        await using var place = new Workplace();
        var first = await place.BuiltAsync("cd $MAESTRO_OUTPUT; mkdir sub; echo hi > sub/a; echo b > b");
        var later = await place.BuiltAsync("cd $MAESTRO_OUTPUT; echo b > b; mkdir sub; echo hi > sub/a; touch -d 2001-01-01 b");
        var other = await place.BuiltAsync("cd $MAESTRO_OUTPUT; mkdir sub; echo ho > sub/a; echo b > b");
        var program = await place.BuiltAsync("cd $MAESTRO_OUTPUT; mkdir sub; echo hi > sub/a; echo b > b; chmod +x b");
        Assert.Equal((2, "tree-1", Workplace.CanSandbox), (first.Files, first.MergeTree, first.Sandboxed));
        Assert.Equal(first.Image, later.Image);
        Assert.Equal(3, new[] { first.Image, other.Image, program.Image }.Distinct().Count());
    }

    [Fact]
    public async Task A_build_that_hangs_ends_at_its_deadline()
    {
        await using var place = new Workplace();
        var work = await place.BuildAsync(place.Script("sleep 600"), within: TimeSpan.FromSeconds(1));
        Assert.Equal("build.deadline", Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Code);
        Assert.Empty(place.Processes());
    }

    [Fact]
    public async Task A_build_that_fills_the_disk_is_ended_early()
    {
        await using var place = new Workplace { Limits = WorkLimits.Default with { DiskBytes = 20 << 20 } };
        var start = TimeProvider.System.GetTimestamp();
        var work = await place.BuildAsync(place.Script("""
            i=0
            while [ $i -lt 4000 ]; do dd if=/dev/zero of=f$i bs=1M count=1 2>/dev/null; i=$((i+1)); sleep 0.01; done
            """));
        Assert.Equal("build.too-large", Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Code);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_build_that_prints_without_end_keeps_a_bounded_log()
    {
        await using var place = new Workplace { Limits = WorkLimits.Default with { OutputBytes = 10_000 } };
        var runner = place.Runner();
        var command = place.Script("head -c 5000000 /dev/zero | tr '\\0' x; echo end > $MAESTRO_OUTPUT/a");
        await place.BuildAsync(command, "b", workshop: place.Workshop(runner));
        var ended = Assert.IsType<WorkState.Ended>(runner.Look("b"));
        Assert.InRange(new FileInfo(ended.Folder.Output).Length, 10_000, 10_100);
        var text = await File.ReadAllTextAsync(ended.Folder.Output, Workplace.Cancellation);
        Assert.EndsWith("[the rest of the output was dropped]\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_background_process_does_not_survive_its_build(bool unsandboxed)
    {
        Assert.SkipUnless(unsandboxed || Workplace.CanSandbox, "bubblewrap is not installed.");
        await using var place = new Workplace { Unsandboxed = unsandboxed };
        var work = await place.BuildAsync(place.Script("""
            setsid sleep 601 > /dev/null 2>&1 &
            (sleep 602 &)
            sleep 603 &
            echo hi > $MAESTRO_OUTPUT/a
            """));
        Assert.IsType<Work<ImageBuilt>.Done>(work);
        Assert.Empty(place.Processes());
    }

    [Theory]
    [InlineData("true", "build.no-output")]
    [InlineData("rmdir out", "build.no-output")]
    [InlineData("rmdir out; ln -s /etc out", "build.no-output")]
    [InlineData("ln -s /etc/passwd out/a", "build.link-outside")]
    [InlineData("ln -s ../../../x out/a", "build.link-outside")]
    [InlineData("mkfifo out/a", "build.special-file")]
    [InlineData("printf x > out/$(printf '\\377')", "build.name")]
    public async Task An_output_that_is_no_image_is_refused(string content, string code)
    {
        await using var place = new Workplace();
        var work = await place.BuildAsync(place.Script(content));
        Assert.Equal(code, Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Code);
    }

    [Fact]
    public async Task An_output_folder_outside_the_tree_is_refused()
    {
        await using var place = new Workplace();
        var manifest = Workplace.Manifest(place.Script("true"), output: "../../escape");
        var work = await place.Workshop().BuildAsync("b", Workplace.Change(), manifest, Workplace.Cancellation);
        Assert.Equal("build.output-outside", Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Code);
    }

    [Theory]
    [InlineData("no-such-program", "no such program")]
    [InlineData("./missing.sh", "no such file")]
    [InlineData("./plain.txt", "a file that may not be executed")]
    [InlineData("../../../usr/bin/true", "a path that leaves the folder")]
    public async Task A_command_that_is_not_there_is_named(string command, string found)
    {
        await using var place = new Workplace();
        place.Git.Files["plain.txt"] = "";
        var reason = Assert.IsType<Work<ImageBuilt>.Refused>(await place.BuildAsync(command)).Reason;
        Assert.Equal("build.no-command", reason.Code);
        Assert.Equal(found, reason.Found);
    }

    [Fact]
    public async Task A_failed_build_shows_its_last_lines_without_secrets()
    {
        await using var place = new Workplace();
        var token = "ghp_" + new string('a', 36);
        var work = await place.BuildAsync(place.Script($"echo first; echo token is {token}; printf 'red \\033[31m\\n' >&2; exit 7"));
        var reason = Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason;
        Assert.Equal("build.failed", reason.Code);
        Assert.Contains("exit code 7", reason.Found, StringComparison.Ordinal);
        Assert.Contains("first", reason.Found, StringComparison.Ordinal);
        Assert.DoesNotContain(token, reason.Found, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', reason.Found);
    }

    [Fact]
    public async Task Commands_see_a_broken_pipe_as_everywhere()
    {
        await using var place = new Workplace();
        // SIGPIPE is bit 13 of the ignored signals; the runtime's own ignoring of it must not be inherited.
        var work = await place.BuildAsync(place.Script("grep SigIgn /proc/self/status; exit 1"));
        var found = Assert.IsType<Work<ImageBuilt>.Refused>(work).Reason.Found;
        var mask = Convert.ToInt64(found[(found.IndexOf("SigIgn:", StringComparison.Ordinal) + 7)..].Trim(), 16);
        Assert.Equal(0, mask & 0x1000);
    }

    [Fact]
    public async Task Tests_see_the_tree_and_the_image_and_cannot_change_the_image()
    {
        await using var place = new Workplace();
        place.Script("""
            test -f build.sh
            test ! -e out/a
            grep -q hi $MAESTRO_IMAGE/a
            echo x > $MAESTRO_IMAGE/a || true
            echo y > $MAESTRO_IMAGE/b || true
            """, "test.sh");
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a");
        var workshop = place.Workshop();
        var work = await TestAsync(workshop, image);
        Assert.Equal(image.Image, Assert.IsType<Work<TestsPassed>.Done>(work).Proof.Image);
        Assert.Equal(1, (await workshop.ScanAsync(image.Image, Workplace.Cancellation)).FilesRead);
    }

    [Fact]
    public async Task Without_a_test_command_there_is_nothing_to_wait_for()
    {
        await using var place = new Workplace();
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a");
        var work = await place.Workshop().TestAsync(
            "t", Workplace.Change(), Workplace.Manifest("./build.sh") with { Test = null }, image.Image, Workplace.Cancellation);
        var proof = Assert.IsType<Work<TestsPassed>.Done>(work).Proof;
        Assert.False(proof.Ran);
        Assert.False(proof.Sandboxed);
        Assert.StartsWith("NOT tested", Sentences.Of(proof), StringComparison.Ordinal);
        Assert.StartsWith("passed", Sentences.Of(proof with { Ran = true }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("npm ERR! code EAI_AGAIN", true)]
    [InlineData("error NU1301: Unable to load the service index for source", true)]
    [InlineData("curl: (6) Could not resolve host: example.org", true)]
    [InlineData("Resource temporarily unavailable (packages.example.org:443)", true)]
    [InlineData("failed to spawn: Resource temporarily unavailable (os error 11)", false)]
    [InlineData("server.py: error: it does not add up", false)]
    [InlineData(null, false)]
    public void A_command_that_wanted_the_network_is_told_from_one_that_failed(string? output, bool network) =>
        Assert.Equal(network, NameResolution.Failed(output));

    [Fact]
    public async Task A_failing_test_is_refused()
    {
        await using var place = new Workplace();
        place.Script("echo it does not add up; exit 1", "test.sh");
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a");
        var workshop = place.Workshop();
        var work = await TestAsync(workshop, image);
        Assert.Equal("test.failed", Assert.IsType<Work<TestsPassed>.Refused>(work).Reason.Code);
    }

    private static async Task<Work<TestsPassed>> TestAsync(ProcessWorkshop workshop, ImageBuilt image)
    {
        Work<TestsPassed>? work = null;
        await Workplace.UntilAsync("the tests end", async () =>
        {
            work = await workshop.TestAsync("t", Workplace.Change(), Workplace.Manifest("./build.sh"), image.Image, Workplace.Cancellation);
            return work is not Work<TestsPassed>.Running;
        });
        return work!;
    }
}
