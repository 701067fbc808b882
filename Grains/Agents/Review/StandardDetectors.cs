using System.Collections.Immutable;
using Maestro.Agents.Review.Detectors;

namespace Maestro.Agents.Review;

/// <summary>The detectors of a review, in the order in which they run.</summary>
public static class StandardDetectors
{
    public static ImmutableArray<IDetector> All { get; } =
    [
        new HostilePaths(),
        new HiddenCharacters(),
        new CommitMetadata(),
        new LookAlikeNames(),
        new InjectedInstructions(),
        new DangerousCalls(),
        new BackDoors(),
        new DisabledChecks(),
        new RemovedGuards(),
        new HardCodedCredentials(),
        new Workflows(),
        new SensitivePaths(),
    ];
}
