using System.Diagnostics;
using Maestro.Delivery;
using Maestro.Deployments;

namespace Maestro.Hosting;

/// <summary>A silo whose disk fills up, and is emptied again.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private const string SlowBuild = "set -eu\nmkdir -p out\ncp app/* settings.txt out/\nsleep 2\n";
    private readonly string _disk = Directory.CreateTempSubdirectory("maestro-disk-").FullName;
    private readonly bool _mounted;

    public FullDiskTests() => _mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=320m", "tmpfs", _disk);

    private string Filler => Path.Combine(_disk, "filler");

    [Fact]
    public async Task A_full_disk_breaks_what_is_new_and_everything_goes_on_when_there_is_space_again()
    {
        Assert.SkipUnless(_mounted, "A small file system of its own cannot be mounted here.");
        await using var delivery = await TestDelivery.StartAsync(data: Path.Combine(_disk, "data"));
        await FinishesAsync(delivery, await delivery.OpenAsync("one", ("settings.txt", "version=1\n")), "200 version 1");

        // Too little room to build, enough to keep what is decided.
        Fill(leave: 40 * Mebibyte);
        var id = await delivery.OpenAsync("two", ("settings.txt", "version=2\n"), ("build.sh", SlowBuild));
        var broken = await delivery.DeliverAsync(id);
        Assert.True(broken.Outcome == Outcome.Failed, TestDelivery.Describe(broken));
        var reason = broken.Stages.Single(row => row.Stage == Stage.Build).Reason!;
        Assert.Equal("work.disk", reason.Code);
        BadInputSilo.IsClear(reason);

        // No room at all: what is live goes on.
        Fill(leave: 0);
        Assert.Equal("200 version 1", await TestDelivery.AskAsync(delivery.ProductionPort));
        await delivery.KillAsync();
        File.Delete(Filler);

        await delivery.StartSiloAsync();
        await delivery.ConnectAsync();
        await delivery.Reviewer.Grain<IDeploymentGrain>(id).CommandAsync(Command.Retry, null);
        await FinishesAsync(delivery, id, "200 version 2");
        Assert.True((await delivery.Reviewer.Grain<Audit.ILedgerGrain>("ledger/main").VerifyAsync()).Verified);
    }

    public void Dispose()
    {
        if (_mounted)
        {
            Run("umount", "-l", _disk);
        }
        Directory.Delete(_disk, recursive: true);
    }

    private static async Task FinishesAsync(TestDelivery delivery, string id, string answer)
    {
        var view = await delivery.DeliverAsync(id);
        Assert.True(view.Outcome == Outcome.Finished, TestDelivery.Describe(view));
        Assert.Equal(answer, await TestDelivery.AskAsync(delivery.ProductionPort));
    }

    // Kept writing until it is so: the silo uses and frees space meanwhile.
    private void Fill(long leave)
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (new DriveInfo(_disk).AvailableFreeSpace > leave)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
