using System.Diagnostics;
using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Telemetry;

/// <summary>The spans of one attempt's trace. Where nobody listens each is null and costs nothing.</summary>
public static class Traces
{
    /// <summary>The name of the one source.</summary>
    public const string SourceName = "Maestro";

    /// <summary>The names of spans that begin a trace of their own.</summary>
    public const string Attempt = "attempt", Batch = "log batch";

    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>What is sent on the streams.</summary>
    internal const string Order = "order", Answer = "answer";

    /// <summary>The append of one entry, with everything that is done for it.</summary>
    internal static Activity? Append(DeploymentId deployment, LogEntry entry) => !Source.HasListeners() ? null : Begin(
        "log append", ActivityKind.Client, deployment, entry.Attempt, entry switch
        {
            LogEntry.Started at => SpanIds.StageOf(deployment, entry.Attempt, at.Stage, at.Try),
            LogEntry.Proved at => SpanIds.StageOf(deployment, entry.Attempt, at.Stage, at.Try),
            LogEntry.Refused at => SpanIds.StageOf(deployment, entry.Attempt, at.Stage, at.Try),
            LogEntry.Broke at => SpanIds.StageOf(deployment, entry.Attempt, at.Stage, at.Try),
            _ => SpanIds.AttemptOf(deployment, entry.Attempt),
        })?.SetTag("maestro.entry", entry.GetType().Name);

    /// <summary>The sending of one message; its id goes with the message.</summary>
    internal static Activity? Send(string what, Binding binding) => !Source.HasListeners() ? null : Tag(binding, Begin(
        $"{what} send", ActivityKind.Producer, binding.Deployment, binding.Attempt,
        SpanIds.StageOf(binding.Deployment, binding.Attempt, binding.Stage, binding.Try), joins: what == Answer));

    /// <summary>What is done with one message that was verified.</summary>
    /// <param name="sender">Where the sender says it comes from. Nobody signed that, so it counts only within the trace that the signed binding names.</param>
    internal static Activity? Take(string what, Binding binding, string? sender)
    {
        if (!Source.HasListeners())
        {
            return null;
        }
        var stage = SpanIds.StageOf(binding.Deployment, binding.Attempt, binding.Stage, binding.Try);
        var parent = ActivityContext.TryParse(sender, null, isRemote: true, out var said) && said.TraceId == stage.TraceId ? said : stage;
        return Tag(binding, Begin($"{what} {Name(binding.Stage)}", ActivityKind.Consumer, binding.Deployment, binding.Attempt, parent));
    }

    /// <summary>Makes this span the current one of the calling method; null leaves it as it is.</summary>
    internal static void Enter(Activity? span)
    {
        if (span is not null)
        {
            Activity.Current = span;
        }
    }

    internal static string Name(Stage stage) => Enum.GetName(stage) ?? Bounded.Other;

    /// <param name="joins">Goes below what is under way, where that is of the same trace.</param>
    private static Activity? Begin(
        string name, ActivityKind kind, DeploymentId deployment, int attempt, ActivityContext parent, bool joins = false)
    {
        var within = joins && Activity.Current is { } current && current.TraceId == parent.TraceId ? current.Context : parent;
        return Source.StartActivity(name, kind, within)?.SetTag("maestro.deployment", deployment.ToString()).SetTag("maestro.attempt", attempt);
    }

    private static Activity? Tag(Binding binding, Activity? span) =>
        span?.SetTag("maestro.stage", Name(binding.Stage)).SetTag("maestro.try", binding.Try);
}
