using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;

namespace Maestro.Telemetry;

/// <summary>
/// Ids that follow from what a span is about, so that every silo and every restart joins the same trace, and a span that is told twice is
/// the same one.
/// </summary>
internal static class SpanIds
{
    [ThreadStatic]
    private static ActivityTraceId? _next;

    static SpanIds() => Activity.TraceIdGenerator = () => _next ?? ActivityTraceId.CreateRandom();

    public static ActivityTraceId TraceOf(DeploymentId deployment, int attempt) =>
        ActivityTraceId.CreateFromBytes(Hash($"trace {Name(deployment, attempt)}").AsSpan(0, 16));

    public static ActivityContext AttemptOf(DeploymentId deployment, int attempt) => Of(deployment, attempt, "attempt");

    public static ActivityContext StageOf(DeploymentId deployment, int attempt, Stage stage, int tried) =>
        Of(deployment, attempt, FormattableString.Invariant($"{stage}/{tried}"));

    public static ActivityContext Of(DeploymentId deployment, int attempt, string what) => new(
        TraceOf(deployment, attempt), ActivitySpanId.CreateFromBytes(Hash($"span {Name(deployment, attempt)}/{what}").AsSpan(0, 8)),
        ActivityTraceFlags.Recorded, isRemote: true);

    /// <summary>The span with this id of its own, below this parent, or the trace's first where there is none; null where nobody listens.</summary>
    public static Activity? Start(ActivitySource source, string name, ActivityContext own, ActivityContext? parent, DateTimeOffset from)
    {
        var current = Activity.Current;
        try
        {
            (_next, Activity.Current) = (own.TraceId, null);
            var span = source.StartActivity(name, ActivityKind.Internal, parent ?? default, startTime: from);
            if (span is not null)
            {
                IdOf(span) = own.SpanId.ToHexString();
            }
            return span;
        }
        finally
        {
            (_next, Activity.Current) = (null, current);
        }
    }

    private static string Name(DeploymentId deployment, int attempt) => FormattableString.Invariant($"{deployment}/a{attempt}");

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    // A span's own id cannot be chosen through the public interface; a test holds that this field is it.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? IdOf(Activity span);
}
