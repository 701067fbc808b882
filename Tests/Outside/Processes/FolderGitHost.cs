using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

/// <summary>A git host that can only export and read: a tree is a list of files. What ends in <c>.sh</c> is executable.</summary>
internal sealed class FolderGitHost : IGitHost
{
    public Dictionary<string, string> Files { get; } = [];

    public async Task ExportAsync(Application application, string tree, string folder, CancellationToken cancellation)
    {
        foreach (var (name, content) in Files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, content, cancellation);
            NativeMethods.SetMode(path, name.EndsWith(".sh", StringComparison.Ordinal) ? 0x1ed : 0x1a4);
        }
    }

    public Task<ChangeOpened> OpenAsync(Application application, string headBranch, string baseBranch, string opener,
        CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<int?> FindAsync(Application application, string headBranch, string baseBranch, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task CloseAsync(Application application, int number, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ChangeOpened> ReadAsync(Application application, int number, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<Tips> ReadTipsAsync(Application application, int number, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Comparison> CompareAsync(
        Application application, string baseCommit, string headCommit, ComparisonLimits limits, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<byte[]?> ReadFileAsync(Application application, string commit, string path, int maxBytes, CancellationToken cancellation) =>
        Task.FromResult(Files.TryGetValue(path, out var text) ? System.Text.Encoding.UTF8.GetBytes(text) : null);

    public Task<ImmutableDictionary<string, byte[]>> ReadFolderAsync(
        Application application, string tree, string folder, int maxFiles, long maxBytes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<string> MergeAsync(Application application, ChangeOpened change, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
