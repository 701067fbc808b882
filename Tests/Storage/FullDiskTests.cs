using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("maestro-full-");
    private readonly bool _mounted;

    public FullDiskTests() => _mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _disk.FullName);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_breaks_appends_and_they_go_on_when_there_is_space_again()
    {
        SkipUnlessMounted();
        using var source = new SqliteSource(Path.Combine(_disk.FullName, "maestro.db"));
        new Schema(TimeProvider.System).Apply(source);
        await using var log = new SqliteDeploymentLog(source);
        var shop = Database.Deployment();
        Assert.True(await log.AppendAsync(Database.Append(shop, 1), Cancellation));

        var filler = Path.Combine(_disk.FullName, "filler");
        Fill(filler);
        var (number, broke) = await AppendUntilItBreaks(log, shop, 2);
        Assert.Equal("storage.full", broke.Reason.Code);
        Assert.Equal(number - 1, (await log.ReadHeadAsync(shop, Cancellation))?.Number);

        File.Delete(filler);
        Assert.True(await log.AppendAsync(Database.Append(shop, number), Cancellation));
        Assert.Equal(number, (await log.ReadAsync(shop, 1, 10_000, Cancellation)).Length);
    }

    [Fact]
    public async Task A_full_disk_breaks_blobs_and_folders_with_a_clear_reason()
    {
        SkipUnlessMounted();
        var folder = Path.Combine(_disk.FullName, "data");
        using (var data = DataFolder.Open(folder))
        {
            await using var blobs = new FileBlobStore(data);
            await Expect.BrokenAsync("storage.full", () => blobs.PutAsync(Database.Deployment(), new byte[2 << 20], Cancellation));
            Assert.Empty(Directory.EnumerateFiles(data.Blobs, "*", SearchOption.AllDirectories));
            Fill(Path.Combine(_disk.FullName, "filler"));
            var unwritten = Assert.Throws<OutsideException>(() => data.WriteAtomically("silo.json", new byte[8192]));
            Assert.Equal("storage.full", unwritten.Reason.Code);
            Assert.Null(data.Read("silo.json"));
        }
    }

    public void Dispose()
    {
        if (_mounted)
        {
            Run("umount", "-l", _disk.FullName);
        }
        _disk.Delete(recursive: true);
    }

    private static async Task<(int Number, OutsideException Broke)> AppendUntilItBreaks(
        SqliteDeploymentLog log, DeploymentId deployment, int number)
    {
        while (number < 10_000)
        {
            try
            {
                Assert.True(await log.AppendAsync(Database.Append(deployment, number), Cancellation));
                number++;
            }
            catch (OutsideException broke)
            {
                return (number, broke);
            }
        }
        throw new InvalidOperationException("The disk never became full.");
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (file.Length < 4 << 20)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
    }

    private void SkipUnlessMounted() => Assert.SkipUnless(_mounted, "A small file system of its own cannot be mounted here.");

    private static bool Run(string program, params string[] arguments)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            process.Start();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
