using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Manifests;

/// <summary>
/// A repository's <c>maestro.yaml</c>, read from the base commit only. It describes how to build, test, run and check; it can claim nothing else.
/// </summary>
/// <param name="Application">Must be the name the repository is registered under.</param>
public sealed record Manifest(
    string Application, CommandSettings Build, string Output, CommandSettings? Test, RunSettings Run,
    InfrastructureSettings? Infrastructure, MergeMode Merge, WatchSettings Watch)
{
    public const string FileName = "maestro.yaml";
}

/// <summary>A command of its own arguments, never a shell line, and how long it may take.</summary>
public sealed record CommandSettings(ImmutableArray<string> Command, TimeSpan Within);

/// <param name="Directory">Relative to the repository's root.</param>
public sealed record InfrastructureSettings(string Directory, string Engine);

/// <param name="Window">How long production is watched after the switch.</param>
/// <param name="Failures">How many checks in a row may fail before it is rolled back, from 1.</param>
public sealed record WatchSettings(TimeSpan Window, int Failures);

public enum MergeMode
{
    /// <summary>Merged after it has settled in production.</summary>
    After,

    /// <summary>Merged after approval, before production is touched; the merge commit is what is released.</summary>
    Before,

    /// <summary>Merged by people.</summary>
    Never,
}

/// <summary>Reads manifests.</summary>
public interface IManifestReader
{
    /// <exception cref="RefusedException">The text is not a manifest; the reason has line, column and the nearest known key.</exception>
    Manifest Read(ReadOnlyMemory<byte> text);
}
