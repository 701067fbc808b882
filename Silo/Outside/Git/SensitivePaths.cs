using System.Collections.Immutable;
using LibGit2Sharp;
using Maestro.Deployments;
using Maestro.Manifests;

namespace Maestro.Outside.Git;

/// <summary>The changed paths that can change how the change itself is judged.</summary>
internal sealed class SensitivePaths(IManifestReader manifests)
{
    private const int Limit = 100;
    private const int LargestManifest = 64 << 10;
    private const string UsualInfrastructure = "infrastructure";

    /// <summary>At most a hundred of them, fit to be shown.</summary>
    public ImmutableArray<string> Among(Repository repository, Commit @base, ImmutableArray<TreeChange> changes)
    {
        var infrastructure = Infrastructure(repository, @base);
        var paths = changes.Select(change => change.Path).Where(path => IsSensitive(path, infrastructure));
        return [.. paths.Select(path => new UntrustedText(path).Shown()).Distinct().Take(Limit)];
    }

    private static bool IsSensitive(string path, string infrastructure)
    {
        var parts = path.Split('/');
        return IsSame(path, Manifest.FileName) || IsSame(parts[^1], "CODEOWNERS") || IsSame(parts[0], ".github")
            || IsSame(parts[0], "policies") || IsSame(path, infrastructure)
            || path.StartsWith(infrastructure + "/", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private string Infrastructure(Repository repository, Commit @base)
    {
        if (@base[Manifest.FileName] is not { Mode: Mode.NonExecutableFile or Mode.ExecutableFile } file
            || Objects.SizeOf(repository, file.Target.Id) > LargestManifest)
        {
            return UsualInfrastructure;
        }
        try
        {
            var directory = manifests.Read(Objects.Bytes(repository, file.Target.Id)).Infrastructure?.Directory ?? UsualInfrastructure;
            return string.Join('/', directory.Split('/').Where(part => part is not ("" or ".")));
        }
        catch (RefusedException)
        {
            return UsualInfrastructure;
        }
    }
}
