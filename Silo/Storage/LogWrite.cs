using System.Diagnostics;
using Maestro.Outside;
using Maestro.Telemetry;

namespace Maestro.Storage;

/// <summary>A write that waits for its batch, and the answer that its caller waits for.</summary>
internal abstract class LogWrite : ITraced
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _took;

    public ActivityContext Asked { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whether it took effect; true only once it is durable.</summary>
    public Task<bool> Answer => _answer.Task;

    /// <summary>Runs it within the batch's transaction.</summary>
    public void Run(LogStatements statements) => _took = Apply(statements);

    /// <summary>The batch is durable.</summary>
    public void Settle() => _answer.SetResult(_took);

    public void Fail(Exception failure) => _answer.SetException(failure);

    protected abstract bool Apply(LogStatements statements);

    /// <param name="body">The entry as JSON, made on the caller's thread.</param>
    public sealed class Entry(Append append, byte[] body) : LogWrite
    {
        protected override bool Apply(LogStatements statements) => statements.Append(append, body);
    }

    public sealed class DueTime(string deployment, int number, DateTimeOffset? due) : LogWrite
    {
        protected override bool Apply(LogStatements statements) => statements.SetDue(deployment, number, due);
    }
}
