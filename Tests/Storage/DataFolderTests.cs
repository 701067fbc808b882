using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _above = Directory.CreateTempSubdirectory("maestro-folder-");

    private string Chosen => Path.Combine(_above.FullName, "data");

    [Fact]
    public void A_folder_is_made_for_its_owner_alone()
    {
        using var data = DataFolder.Open(Chosen);
        Assert.True(Directory.Exists(data.Worlds));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions do not exist here.");
        data.WriteAtomically("silo.json", "{}"u8);
        AssertMode(DurableFile.OwnerOnlyFolder, data.Path);
        AssertMode(DurableFile.OwnerOnlyFolder, data.Keys);
        AssertMode(DurableFile.OwnerOnly, Path.Combine(data.Path, "silo.json"));
    }

    [Fact]
    public void One_process_has_the_folder_and_the_next_is_told_who()
    {
        using (DataFolder.Open(Chosen))
        {
            var refused = Assert.Throws<RefusedException>(() => DataFolder.Open(Chosen));
            Assert.Equal("data.locked", refused.Reason.Code);
            Assert.Contains(Chosen, refused.Message, StringComparison.Ordinal);
            Assert.Contains(Database.Text(Environment.ProcessId), refused.Message, StringComparison.Ordinal);
        }
        using var next = DataFolder.Open(Chosen);
    }

    [Fact]
    public void A_newer_folder_is_refused_and_stays_free()
    {
        DataFolder.Open(Chosen).Dispose();
        File.WriteAllText(Path.Combine(Chosen, "version"), "2\n");
        Assert.Equal("data.newer", Assert.Throws<RefusedException>(() => DataFolder.Open(Chosen)).Reason.Code);
        File.WriteAllText(Path.Combine(Chosen, "version"), "two\n");
        Assert.Equal("storage.damaged", Assert.Throws<OutsideException>(() => DataFolder.Open(Chosen)).Reason.Code);
        File.WriteAllText(Path.Combine(Chosen, "version"), "1\n");
        DataFolder.Open(Chosen).Dispose();
    }

    [Fact]
    public void A_folder_with_other_files_is_left_alone()
    {
        Directory.CreateDirectory(Chosen);
        File.WriteAllText(Path.Combine(Chosen, "letter.txt"), "");
        Assert.Equal("data.foreign", Assert.Throws<RefusedException>(() => DataFolder.Open(Chosen)).Reason.Code);
        Assert.Single(Directory.EnumerateFileSystemEntries(Chosen));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "A privileged user may write everywhere.");
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserExecute, _above.FullName);
        try
        {
            Assert.Equal("data.unwritable", Assert.Throws<RefusedException>(() => DataFolder.Open(Chosen)).Reason.Code);
        }
        finally
        {
            SetMode(DurableFile.OwnerOnlyFolder, _above.FullName);
        }
    }

    [Fact]
    public void A_file_in_the_folders_place_is_a_clear_failure()
    {
        File.WriteAllText(Chosen, "");
        Assert.Equal("storage.io", Assert.Throws<OutsideException>(() => DataFolder.Open(Chosen)).Reason.Code);
    }

    [Fact]
    public void Small_files_are_put_in_place_as_a_whole()
    {
        using var data = DataFolder.Open(Chosen);
        Assert.Null(data.Read("silo.json"));
        data.WriteAtomically("silo.json", "one"u8);
        data.WriteAtomically("silo.json", "another"u8);
        Assert.Equal("another"u8.ToArray(), data.Read("silo.json"));
        Assert.Empty(Directory.EnumerateFiles(Chosen, "*.tmp"));
        Assert.Throws<ArgumentException>(() => data.Read("../silo.json"));
        Assert.Throws<ArgumentException>(() => data.WriteAtomically("keys/master", "x"u8));
    }

    public void Dispose() => _above.Delete(recursive: true);

    private static void SetMode(UnixFileMode mode, string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions do not exist here.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static void AssertMode(UnixFileMode expected, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(expected, File.GetUnixFileMode(path));
        }
    }
}
