using System.Collections.Immutable;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>Images by their content digest: <c>images/{digest}/</c>, read-only, complete from the moment they have their name.</summary>
internal sealed class ImageStore(string folder, ImageLimits limits)
{
    private const int Writable = 0x92, Readable = 0x124, Searchable = 0x16d;
    private readonly string _images = Path.Combine(folder, "images");

    public string Folder(Digest image) => Path.Combine(_images, Digest.Parse(image.ToString()).Hex);

    public bool Has(Digest image) => Digest.IsDigest(image.Hex) && Directory.Exists(Folder(image));

    /// <summary>Copies a build's output into the store under its digest. The same image twice is success.</summary>
    /// <exception cref="RefusedException"><c>build.…</c>: it is empty, beyond the limits, or links to something outside.</exception>
    public async Task<ImageListing> PublishAsync(string output, CancellationToken cancellation)
    {
        var draft = Path.Combine(folder, "image-drafts", Path.GetRandomFileName());
        Directory.CreateDirectory(draft);
        try
        {
            // Listed before it is copied, so that nothing outside the limits is; digested after, so that the digest is of what is kept.
            var found = await ImageListing.ReadAsync("build", output, limits, null, cancellation);
            Copy(output, draft, found.Entries);
            var listing = await ImageListing.ReadAsync("build", draft, limits, null, cancellation);
            if (listing.Files == 0)
            {
                throw NoOutput("an empty folder");
            }
            Publish(draft, listing.Digest);
            return listing;
        }
        finally
        {
            FolderRemoval.Remove(draft);
        }
    }

    /// <summary>Reads the whole image again.</summary>
    /// <exception cref="RefusedException">
    /// <c>{stage}.no-image</c> or <c>{stage}.digest</c>: it is not here, or is not what its name says.
    /// </exception>
    public async Task<ImageListing> VerifyAsync(
        string stage, Digest image, Action<string, ReadOnlyMemory<byte>>? read, CancellationToken cancellation)
    {
        if (!Has(image))
        {
            throw new RefusedException(new Reason(
                $"{stage}.no-image", "Only an image that is kept here can be used.", $"image {image}", "no such image", "Build it again."));
        }
        var listing = await ImageListing.ReadAsync(stage, Folder(image), limits, read, cancellation);
        return listing.Digest == image ? listing : throw new RefusedException(new Reason(
            $"{stage}.digest", "An image is exactly what was built.", image.ToString(), listing.Digest.ToString(),
            "Somebody changed the stored image: find out who, remove it, and build again."));
    }

    /// <summary>A copy that may be changed, in a folder that does not exist yet.</summary>
    public void CopyTo(string target, Digest image, ImmutableArray<ImageEntry> entries)
    {
        Directory.CreateDirectory(target);
        Copy(Folder(image), target, entries);
    }

    /// <summary>Removes images that nobody needs.</summary>
    /// <param name="keep">What was needed when it was read, which may be a while ago.</param>
    /// <param name="before">What was published since then stays all the same: whoever needs it may have come after the reading.</param>
    public int Sweep(IReadOnlySet<Digest> keep, DateTimeOffset before)
    {
        var swept = 0;
        foreach (var path in Directory.Exists(_images) ? Directory.GetDirectories(_images) : [])
        {
            var name = Path.GetFileName(path);
            // Looked at one by one, because removing hundreds takes as long as building some.
            if ((!Digest.IsDigest(name) || !keep.Contains(Digest.Parse(name))) && Directory.GetLastWriteTimeUtc(path) < before)
            {
                FolderRemoval.Remove(path);
                swept++;
            }
        }
        return swept;
    }

    internal static RefusedException NoOutput(string found) => new(new Reason(
        "build.no-output", "A build leaves its result in the output folder of the manifest.", "a folder with files", found,
        "Let the build write to $MAESTRO_OUTPUT, or correct 'output' in maestro.yaml."));

    private void Publish(string draft, Digest image)
    {
        Directory.CreateDirectory(_images);
        if (Directory.Exists(Folder(image)))
        {
            // It counts as new again, so that it stays although nobody needed the old one any more.
            Directory.SetLastWriteTimeUtc(Folder(image), Directory.GetLastWriteTimeUtc(draft));
            return;
        }
        try
        {
            // A folder can be renamed only while it is writable to its owner.
            Directory.Move(draft, Folder(image));
            NativeMethods.SetMode(Folder(image), Searchable);
            NativeMethods.FlushFolder(_images);
        }
        catch (IOException) when (Directory.Exists(Folder(image)))
        {
            // The same image was published at the same moment; it has the same content.
        }
    }

    private static void Copy(string from, string to, ImmutableArray<ImageEntry> entries)
    {
        foreach (var entry in entries)
        {
            var (source, target) = (Path.Combine(from, entry.Path), Path.Combine(to, entry.Path));
            if (entry.Status.IsFolder)
            {
                Directory.CreateDirectory(target);
            }
            else if (entry.Status.IsLink)
            {
                CopyLink(from, source, target);
            }
            else
            {
                File.Copy(source, target);
                NativeMethods.SetMode(target, (entry.Status.Mode & ~Writable) | Readable | (entry.Status.Executable ? Searchable : 0));
            }
        }
        // Deepest first: a folder without write permission takes no more files.
        foreach (var entry in entries.Reverse().Where(entry => entry.Status.IsFolder))
        {
            NativeMethods.SetMode(Path.Combine(to, entry.Path), Searchable);
        }
    }

    private static void CopyLink(string root, string source, string target)
    {
        var goal = new FileInfo(source).LinkTarget ?? "";
        var end = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, goal));
        if (goal.StartsWith('/') || !end.StartsWith(root + "/", StringComparison.Ordinal))
        {
            throw new RefusedException(new Reason(
                "build.link-outside", "A link in the output stays in the output.", "a relative link within it",
                $"{new UntrustedText(Path.GetRelativePath(root, source)).Shown(80)} leads outside",
                "Copy the file instead of linking it."));
        }
        File.CreateSymbolicLink(target, goal);
    }
}
