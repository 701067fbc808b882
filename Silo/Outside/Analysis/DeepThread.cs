using System.Diagnostics.CodeAnalysis;
using Maestro.Deployments;

namespace Maestro.Outside.Analysis;

/// <summary>Runs recursive work on hostile text on a thread of its own, with a stack that a file of the allowed size cannot fill.</summary>
internal static class DeepThread
{
    private const int StackBytes = 256 << 20;

    /// <exception cref="OutsideException">The work failed in a way that nobody expected.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "This is the thread's outermost frame: what escapes it ends the process.")]
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    result.SetResult(work());
                }
                catch (OperationCanceledException cancelled)
                {
                    result.SetCanceled(cancelled.CancellationToken);
                }
                catch (Exception failure)
                {
                    var reason = new Reason(
                        "review.analysis-failed", "The analysis of C# must end.", "findings", "a failure", "Look at the change by hand.");
                    result.SetException(new OutsideException(reason, failure));
                }
            }, StackBytes)
        { IsBackground = true, Name = "static analysis" };
        thread.Start();
        return result.Task;
    }
}
