using Maestro.Deployments;

namespace Maestro.Outside.Processes;

public sealed class ImageStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-images-").FullName;
    private readonly ImageStore _images;

    public ImageStoreTests() => _images = new(_folder, ImageLimits.Default);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Old_images_that_nobody_needs_are_removed_and_no_others()
    {
        var (needed, forgotten, fresh) = (await PublishAsync("needed"), await PublishAsync("forgotten"), await PublishAsync("fresh"));
        Age(needed);
        Age(forgotten);

        Assert.Equal(1, _images.Sweep(new HashSet<Digest> { needed }, AnHourAgo));

        Assert.True(_images.Has(needed));
        Assert.False(_images.Has(forgotten));
        Assert.True(_images.Has(fresh));
    }

    [Fact]
    public async Task An_image_that_is_built_again_is_as_new()
    {
        var image = await PublishAsync("again");
        Age(image);
        await PublishAsync("again");

        Assert.Equal(0, _images.Sweep(new HashSet<Digest>(), AnHourAgo));

        Assert.True(_images.Has(image));
    }

    private static DateTimeOffset AnHourAgo => TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);

    private void Age(Digest image) => Directory.SetLastWriteTimeUtc(_images.Folder(image), AnHourAgo.UtcDateTime - TimeSpan.FromMinutes(1));

    private async Task<Digest> PublishAsync(string content)
    {
        var output = Directory.CreateDirectory(Path.Combine(_folder, "output")).FullName;
        await File.WriteAllTextAsync(Path.Combine(output, "content.txt"), content, TestContext.Current.CancellationToken);
        return (await _images.PublishAsync(output, TestContext.Current.CancellationToken)).Digest;
    }
}
