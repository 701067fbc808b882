namespace Maestro.Hosting;

/// <summary>Data folders with which a silo must not start.</summary>
public sealed class DataFolderRefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-hosting-").FullName;

    private string Data => Path.Combine(_folder, "data");

    [Fact]
    public async Task A_folder_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "version"), "2\n", TestContext.Current.CancellationToken);
        await using var silo = SiloRun.Start(Data);
        Assert.Contains("newer release", await silo.RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal("2\n", await File.ReadAllTextAsync(Path.Combine(Data, "version"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(Data, "maestro.db")));
    }

    [Fact]
    public async Task A_folder_with_something_else_in_it_is_refused()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "letter.txt"), "Dear all", TestContext.Current.CancellationToken);
        await using var silo = SiloRun.Start(Data);
        Assert.Contains("another folder", await silo.RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal(["letter.txt"], Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("version", "one")]
    [InlineData("maestro.db", "this is no database, however long one looks at it, and it is longer than a header")]
    public async Task A_damaged_file_is_refused_in_one_sentence(string name, string content)
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "version"), "1\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Data, name), content, TestContext.Current.CancellationToken);
        await using var silo = SiloRun.Start(Data);
        Assert.Contains("backup", await silo.RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(Path.Combine(Data, name), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_folder_whose_note_of_the_holder_cannot_be_written_can_still_be_opened_and_stays_locked()
    {
        Storage.DataFolder.Open(Data).Dispose();
        File.Delete(Path.Combine(Data, "lock.holder"));
        Directory.CreateDirectory(Path.Combine(Data, "lock.holder", "in the way"));

        using var held = Storage.DataFolder.Open(Data);

        Assert.Throws<Deployments.RefusedException>(() => Storage.DataFolder.Open(Data).Dispose());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
