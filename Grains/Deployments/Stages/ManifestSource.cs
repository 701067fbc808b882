using Maestro.Evidence;
using Maestro.Manifests;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>The manifest of an attempt: always from the base commit, so that a pull request cannot say how it is judged itself.</summary>
public sealed class ManifestSource(IGitHost git, IManifestReader reader)
{
    private const int MaxBytes = 64 * 1024;

    /// <exception cref="RefusedException">There is none, it is malformed, or it claims another application.</exception>
    public async Task<Manifest> ReadAsync(ChangeOpened change, CancellationToken cancellation)
    {
        var text = await git.ReadFileAsync(change.Application, change.Base, Manifest.FileName, MaxBytes, cancellation)
            ?? throw new RefusedException(new Reason(
                "manifest.missing", "A repository describes how it is built and run in maestro.yaml on its base branch.",
                $"maestro.yaml in {change.Base[..12]}", "no such file", "Write one with maestro init and merge it into the base branch first."));
        var manifest = reader.Read(text);
        return manifest.Application == change.Application.Name
            ? manifest
            : throw new RefusedException(new Reason(
                "manifest.application", "A manifest may claim only the application its repository is registered for.",
                change.Application.Name, new UntrustedText(manifest.Application).Shown(60), "Correct 'application' in maestro.yaml on the base branch."));
    }
}
