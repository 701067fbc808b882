using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

public sealed class FileBlobStoreTests : IAsyncDisposable
{
    private static readonly DeploymentId Shop = Database.Deployment();
    private readonly DirectoryInfo _above = Directory.CreateTempSubdirectory("maestro-blobs-");
    private readonly DataFolder _data;
    private readonly FileBlobStore _blobs;

    public FileBlobStoreTests()
    {
        _data = DataFolder.Open(Path.Combine(_above.FullName, "data"));
        _blobs = new FileBlobStore(_data);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(FileBlobStore.Limit)]
    public async Task What_was_put_in_comes_out_also_after_a_restart(int length)
    {
        var content = new byte[length];
        new Random(7).NextBytes(content);
        var digest = await _blobs.PutAsync(Shop, content, Cancellation);
        Assert.Equal(Digest.Of(content), digest);
        Assert.Equal(digest, await _blobs.PutAsync(Shop, content, Cancellation));
        await using var restarted = new FileBlobStore(_data);
        Assert.Equal(content, await restarted.GetAsync(Shop, digest, Cancellation));
    }

    [Fact]
    public async Task A_blob_over_its_limit_is_refused()
    {
        await Expect.RefusedAsync("blob.too-large", () => _blobs.PutAsync(Shop, new byte[FileBlobStore.Limit + 1], Cancellation));
    }

    [Fact]
    public async Task Nothing_is_kept_in_the_clear_nor_for_other_deployments()
    {
        var content = Database.Bytes("the text of a hostile pull request");
        var digest = await _blobs.PutAsync(Shop, content, Cancellation);
        Assert.Null(await _blobs.GetAsync(Database.Deployment(2), digest, Cancellation));
        Assert.Null(await _blobs.GetAsync(Shop, Digest.Of("other"u8), Cancellation));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_data.Path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"),
            file => File.ReadAllBytes(file).AsSpan().IndexOf(content.Span) >= 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(40)]
    public async Task A_damaged_blob_is_noticed_and_can_be_put_again(int position)
    {
        var content = Database.Bytes("evidence of the review");
        var digest = await _blobs.PutAsync(Shop, content, Cancellation);
        var bytes = await File.ReadAllBytesAsync(Stored(), Cancellation);
        bytes[position] ^= 1;
        await File.WriteAllBytesAsync(Stored(), bytes, Cancellation);
        await Expect.BrokenAsync("blob.damaged", () => _blobs.GetAsync(Shop, digest, Cancellation));

        await _blobs.PutAsync(Shop, content, Cancellation);
        Assert.Equal(content.ToArray(), await _blobs.GetAsync(Shop, digest, Cancellation));
    }

    [Fact]
    public async Task A_blob_opens_only_in_its_own_place()
    {
        var first = await _blobs.PutAsync(Shop, Database.Bytes("first"), Cancellation);
        var path = Stored();
        var second = Digest.Of("second"u8);
        File.Copy(path, Path.Combine(Path.GetDirectoryName(path)!, second.Hex));
        await Expect.BrokenAsync("blob.damaged", () => _blobs.GetAsync(Shop, second, Cancellation));
        Assert.NotNull(await _blobs.GetAsync(Shop, first, Cancellation));
    }

    [Fact]
    public async Task A_blob_that_is_replaced_by_an_older_one_of_the_same_deployment_is_not_read_as_the_newer_one()
    {
        var older = await _blobs.PutAsync(Shop, Database.Bytes("older evidence"), Cancellation);
        var path = Stored();
        var newer = await _blobs.PutAsync(Shop, Database.Bytes("newer evidence"), Cancellation);
        var target = Path.Combine(Path.GetDirectoryName(path)!, newer.Hex);
        Assert.NotNull(await _blobs.GetAsync(Shop, newer, Cancellation));
        File.Copy(path, target, overwrite: true);
        await Expect.BrokenAsync("blob.damaged", () => _blobs.GetAsync(Shop, newer, Cancellation));
        Assert.NotNull(await _blobs.GetAsync(Shop, older, Cancellation));
    }

    [Fact]
    public async Task With_another_master_key_nothing_opens()
    {
        var digest = await _blobs.PutAsync(Shop, Database.Bytes("evidence"), Cancellation);
        var master = Path.Combine(_data.Keys, "master");
        var right = await File.ReadAllBytesAsync(master, Cancellation);
        await File.WriteAllBytesAsync(master, new byte[32], Cancellation);
        await using (var wrong = new FileBlobStore(_data))
        {
            await Expect.BrokenAsync("key.damaged", () => wrong.GetAsync(Shop, digest, Cancellation));
        }
        await File.WriteAllBytesAsync(master, new byte[31], Cancellation);
        Assert.Equal("key.damaged", Assert.Throws<OutsideException>(() => new FileBlobStore(_data)).Reason.Code);
        await File.WriteAllBytesAsync(master, right, Cancellation);
        await using var restored = new FileBlobStore(_data);
        Assert.NotNull(await restored.GetAsync(Shop, digest, Cancellation));
    }

    [Fact]
    public async Task A_shredded_deployment_is_gone_and_others_stay()
    {
        var digest = await _blobs.PutAsync(Shop, Database.Bytes("a person's words"), Cancellation);
        var copy = await File.ReadAllBytesAsync(Stored(), Cancellation);
        var path = Stored();
        await _blobs.PutAsync(Database.Deployment(2), Database.Bytes("others"), Cancellation);
        await _blobs.ShredAsync(Shop, Cancellation);
        await _blobs.ShredAsync(Shop, Cancellation);
        Assert.Null(await _blobs.GetAsync(Shop, digest, Cancellation));
        Assert.NotNull(await _blobs.GetAsync(Database.Deployment(2), Digest.Of("others"u8), Cancellation));

        // A copy that somebody kept cannot be read with the next key either.
        await _blobs.PutAsync(Shop, Database.Bytes("new"), Cancellation);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, copy, Cancellation);
        await Expect.BrokenAsync("blob.damaged", () => _blobs.GetAsync(Shop, digest, Cancellation));
    }

    [Fact]
    public async Task Many_at_once_share_one_key()
    {
        var digests = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            _blobs.PutAsync(Shop, Database.Bytes(Database.Text(i % 32)), Cancellation)));
        foreach (var digest in digests)
        {
            Assert.NotNull(await _blobs.GetAsync(Shop, digest, Cancellation));
        }
    }

    /// <summary>The silos of a cluster share the folder, and each could make the deployment's key first.</summary>
    [Fact]
    public async Task Two_silos_that_put_the_first_blob_at_once_make_one_key()
    {
        await using var other = new FileBlobStore(_data);
        for (var number = 1; number <= 20; number++)
        {
            var deployment = Database.Deployment(number);
            var digests = await Task.WhenAll(
                _blobs.PutAsync(deployment, Database.Bytes("one"), Cancellation), other.PutAsync(deployment, Database.Bytes("two"), Cancellation));
            Assert.NotNull(await other.GetAsync(deployment, digests[0], Cancellation));
            Assert.NotNull(await _blobs.GetAsync(deployment, digests[1], Cancellation));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _blobs.DisposeAsync();
        _data.Dispose();
        _above.Delete(recursive: true);
    }

    private string Stored() => Directory.EnumerateFiles(_data.Blobs, "*", SearchOption.AllDirectories).First();
}
