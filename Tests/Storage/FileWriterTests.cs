namespace Maestro.Storage;

/// <summary>Files that are written together.</summary>
public sealed class FileWriterTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-files-");
    private readonly FileWriter _files = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_cannot_be_written_takes_no_other_with_it()
    {
        Directory.CreateDirectory(In("taken"));
        var bad = _files.WriteAsync(In("taken"), [1], replace: true, Cancellation);
        var good = Enumerable.Range(0, 40).Select(number => _files.WriteAsync(In($"{number % 3}/{number}"), [(byte)number], replace: true, Cancellation));
        Assert.All(await Task.WhenAll(good), Assert.True);
        await Expect.BrokenAsync("storage.io", () => bad);
        Assert.Equal([17], await File.ReadAllBytesAsync(In("2/17"), Cancellation));
        Assert.Empty(Directory.EnumerateFiles(_folder.FullName, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_is_there_stays_unless_it_may_be_replaced()
    {
        Assert.True(await _files.WriteAsync(In("key"), [1], replace: false, Cancellation));
        Assert.False(await _files.WriteAsync(In("key"), [2], replace: false, Cancellation));
        Assert.Equal([1], await File.ReadAllBytesAsync(In("key"), Cancellation));
        Assert.True(await _files.WriteAsync(In("key"), [3], replace: true, Cancellation));
        Assert.Equal([3], await File.ReadAllBytesAsync(In("key"), Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);
}
