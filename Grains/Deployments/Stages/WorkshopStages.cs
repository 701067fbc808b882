using Maestro.Approvals;
using Maestro.Evidence;
using Maestro.Outside;

namespace Maestro.Deployments.Stages;

/// <summary>Builds the merge of head and base into an image, once it has seen for itself that people allowed its code to be run.</summary>
public sealed class BuildStage(IWorkshop workshop, ManifestSource manifests, ApprovalCheck approvals)
    : IStage<(ChangeReviewed Reviewed, RunAllowed Allowed), ImageBuilt>
{
    public async Task<Answer<ImageBuilt>> AskAsync(
        Assignment assignment, (ChangeReviewed Reviewed, RunAllowed Allowed) needs, CancellationToken cancellation)
    {
        if (approvals.FindFault(assignment, needs.Reviewed, needs.Allowed) is { } fault)
        {
            // It may have begun while the approval still counted: what nobody allows any more does not run on.
            await workshop.StopAsync(assignment.Effect, cancellation);
            return new Answer<ImageBuilt>.Refused(fault);
        }
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        return (await workshop.BuildAsync(assignment.Effect, assignment.Change, manifest, cancellation)).ToAnswer();
    }

    public Task StopAsync(Assignment assignment, CancellationToken cancellation) => workshop.StopAsync(assignment.Effect, cancellation);
}

/// <summary>Runs the manifest's tests on the same tree and the built image.</summary>
public sealed class TestStage(IWorkshop workshop, ManifestSource manifests) : IStage<ImageBuilt, TestsPassed>
{
    public async Task<Answer<TestsPassed>> AskAsync(Assignment assignment, ImageBuilt needs, CancellationToken cancellation)
    {
        var manifest = await manifests.ReadAsync(assignment.Change, cancellation);
        return (await workshop.TestAsync(assignment.Effect, assignment.Change, manifest, needs.Image, cancellation)).ToAnswer();
    }

    public Task StopAsync(Assignment assignment, CancellationToken cancellation) => workshop.StopAsync(assignment.Effect, cancellation);
}

/// <summary>Reads every file of the image.</summary>
public sealed class ScanStage(IWorkshop workshop) : IStage<ImageBuilt, ImageCleared>
{
    public async Task<Answer<ImageCleared>> AskAsync(Assignment assignment, ImageBuilt needs, CancellationToken cancellation)
    {
        var cleared = await workshop.ScanAsync(needs.Image, cancellation);
        var blocking = cleared.Findings.Where(finding => finding.Severity >= Severity.High).ToList();
        return blocking.Count == 0
            ? new Answer<ImageCleared>.Proved(cleared)
            : new Answer<ImageCleared>.Refused(new(
                "scan.findings", "An image with a high or critical finding is not deployed.", "no such finding",
                string.Join(" ", blocking.Take(5).Select(finding => $"{finding.Rule} in {finding.Path}: {finding.Message}")),
                "Remove what was found and push again."));
    }
}

internal static class WorkAnswers
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    public static Answer<TProof> ToAnswer<TProof>(this Work<TProof> work)
        where TProof : Proof => work switch
        {
            Work<TProof>.Running running => new Answer<TProof>.NotYet(LookAgain, running.What),
            Work<TProof>.Done done => new Answer<TProof>.Proved(done.Proof),
            Work<TProof>.Refused refused => new Answer<TProof>.Refused(refused.Reason),
            Work<TProof>.Broke broke => new Answer<TProof>.Broke(broke.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
