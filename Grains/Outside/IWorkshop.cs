using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Manifests;

namespace Maestro.Outside;

/// <summary>Builds and tests changes, in processes of their own that outlive an activation. Every call answers at once.</summary>
public interface IWorkshop
{
    /// <summary>Finds the build of this effect, or starts it, and says how it stands.</summary>
    Task<Work<ImageBuilt>> BuildAsync(string effect, ChangeOpened change, Manifest manifest, CancellationToken cancellation);

    /// <summary>Finds the test run of this effect, or starts it, and says how it stands. Tests see the exported tree and the built image.</summary>
    Task<Work<TestsPassed>> TestAsync(string effect, ChangeOpened change, Manifest manifest, Digest image, CancellationToken cancellation);

    /// <summary>Ends the work of this effect, if any, and waits until its process group is gone.</summary>
    Task StopAsync(string effect, CancellationToken cancellation);

    /// <summary>Reads every file of the image and says what is wrong with it.</summary>
    /// <exception cref="RefusedException">The image is not there, or its content has another digest.</exception>
    Task<ImageCleared> ScanAsync(Digest image, CancellationToken cancellation);
}

/// <summary>How work stands: still running, done with a proof, refused for a reason, or broken for a reason.</summary>
public abstract record Work<TProof>
    where TProof : Proof
{
    private Work() { }

    public sealed record Running(string What) : Work<TProof>;

    public sealed record Done(TProof Proof) : Work<TProof>;

    public sealed record Refused(Reason Reason) : Work<TProof>;

    public sealed record Broke(Reason Reason) : Work<TProof>;
}
