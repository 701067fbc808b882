using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>What an image may hold.</summary>
internal sealed record ImageLimits(int Files, long Bytes)
{
    public static ImageLimits Default { get; } = new(20_000, 512L << 20);
}

/// <summary>One thing in an image.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="Content">The digest of a file's content or of a link's target; empty for a folder.</param>
internal sealed record ImageEntry(string Path, FileStatus Status, string Content);

/// <summary>The complete, canonical listing of a folder; its digest is the image's.</summary>
internal sealed record ImageListing(ImmutableArray<ImageEntry> Entries, Digest Digest, int Files, long Bytes)
{
    /// <summary>Reads everything in the folder.</summary>
    /// <param name="stage">The first word of a refusal's code.</param>
    /// <param name="read">Is given every file's content, chunk by chunk, if wanted.</param>
    /// <exception cref="RefusedException">
    /// A device or socket, a name that is not UTF-8, an unreadable file, or more than the limits.
    /// </exception>
    public static async Task<ImageListing> ReadAsync(
        string stage, string folder, ImageLimits limits, Action<string, ReadOnlyMemory<byte>>? read, CancellationToken cancellation)
    {
        var entries = new List<ImageEntry>();
        var (files, bytes) = (0, 0L);
        var open = new Stack<string>([folder]);
        while (open.TryPop(out var current))
        {
            foreach (var path in Children(stage, folder, current))
            {
                cancellation.ThrowIfCancellationRequested();
                var name = Path.GetRelativePath(folder, path);
                var status = NativeMethods.Status(path) ?? throw Refused(stage, "name", "only names that are valid UTF-8", name);
                if (status.IsFolder)
                {
                    open.Push(path);
                }
                files += status.IsFolder ? 0 : 1;
                bytes += status.IsFile ? status.Length : 0;
                Limit(stage, limits, entries.Count + 1, bytes);
                entries.Add(new(name, status, await ContentAsync(stage, name, path, status, read, cancellation)));
            }
        }
        entries.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return new([.. entries], DigestOf(entries), files, bytes);
    }

    private static string[] Children(string stage, string root, string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Refused(stage, "unreadable", "folders that can be read", Path.GetRelativePath(root, folder));
        }
    }

    private static async Task<string> ContentAsync(
        string stage, string name, string path, FileStatus status, Action<string, ReadOnlyMemory<byte>>? read,
            CancellationToken cancellation)
    {
        if (status.IsFolder)
        {
            return "";
        }
        if (status.IsLink)
        {
            return Digest.Of(Encoding.UTF8.GetBytes(new FileInfo(path).LinkTarget ?? "")).Hex;
        }
        if (!status.IsFile)
        {
            throw Refused(stage, "special-file", "files, folders and links only", name);
        }
        try
        {
            return await HashAsync(name, path, read, cancellation);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Refused(stage, "unreadable", "files that can be read", name);
        }
    }

    private static async Task<string> HashAsync(
        string name, string path, Action<string, ReadOnlyMemory<byte>>? read, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            int count;
            while ((count = await file.ReadAsync(buffer, cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                read?.Invoke(name, buffer.AsMemory(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Digest DigestOf(IEnumerable<ImageEntry> entries)
    {
        var listing = new StringBuilder("maestro image 1\n");
        foreach (var entry in entries)
        {
            var kind = entry.Status.IsFolder ? "folder" : entry.Status.IsLink ? "link" : entry.Status.Executable ? "program" : "file";
            var length = entry.Status.IsFile ? entry.Status.Length : 0;
            // NUL cannot be in a name, so no two listings read the same.
            listing.Append(CultureInfo.InvariantCulture, $"{entry.Path}\0{kind}\0{length}\0{entry.Content}\n");
        }
        return Digest.Of(Encoding.UTF8.GetBytes(listing.ToString()));
    }

    private static void Limit(string stage, ImageLimits limits, int entries, long bytes)
    {
        if (entries > limits.Files)
        {
            throw Refused(stage, "too-many-files", $"at most {limits.Files} files", "more");
        }
        if (bytes > limits.Bytes)
        {
            throw Refused(stage, "too-large", $"at most {limits.Bytes} bytes", "more");
        }
    }

    private static RefusedException Refused(string stage, string what, string expected, string found) => new(new Reason(
        $"{stage}.{what}", "An image is plain files within limits.", expected, new UntrustedText(found).Shown(120),
        "Change what the build puts into its output."));
}
