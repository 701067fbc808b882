using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Outside;
using Maestro.Telemetry;

namespace Maestro.Storage.Postgres;

/// <summary>A write that waits for its batch, and the answer that its caller waits for.</summary>
internal abstract class PostgresWrite(DeploymentId deployment) : ITraced
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DeploymentId Deployment { get; } = deployment;

    public ActivityContext Asked { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whether it took effect; true only once it is durable.</summary>
    public Task<bool> Answer => _answer.Task;

    public void Settle(bool took) => _answer.TrySetResult(took);

    public void Fail(Exception failure) => _answer.TrySetException(failure);

    /// <param name="body">The entry as JSON, made on the caller's thread.</param>
    public sealed class Entry(Append append, byte[] body) : PostgresWrite(append.Deployment)
    {
        public Append Append => append;

        public byte[] Body => body;
    }

    public sealed class DueTime(DeploymentId deployment, int number, DateTimeOffset? due) : PostgresWrite(deployment)
    {
        public int Number => number;

        public DateTimeOffset? Due => due;
    }
}
