using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Outside;

namespace Maestro.Policies;

/// <summary>
/// Judges by scripts, each in an engine of its own with limits on time, memory and steps, on a thread of its own. A policy that does
/// not answer blocks. The limits hold between statements, so a run that is stuck within one is left behind, and counted.
/// </summary>
internal sealed class JintPolicyEngine(IPolicySource source, PolicyLimits limits, TimeProvider time) : IPolicyEngine, IDisposable
{
    private const int MostBytes = 1024 * 1024;
    private const int Stack = 64 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private static readonly TimeSpan Queue = TimeSpan.FromSeconds(10);

    // A run that is stuck keeps its place, so that stuck runs cannot pile up.
    private readonly SemaphoreSlim _places = new(Math.Max(2, Environment.ProcessorCount));

    public async Task<PolicyVerdict> JudgeAsync(ReadOnlyMemory<byte> facts, CancellationToken cancellation)
    {
        await Task.Run(PolicySandbox.WarmUp, cancellation);
        var policies = source.Read();
        var text = Text(facts.Span);
        var violations = ImmutableArray.CreateBuilder<PolicyViolation>();
        foreach (var policy in policies)
        {
            cancellation.ThrowIfCancellationRequested();
            violations.AddRange(await JudgeAsync(policy, text, cancellation));
        }
        if (policies.IsEmpty)
        {
            violations.Add(new PolicyViolation("policies", "There is no policy, so nothing was judged.", true));
        }
        return new PolicyVerdict(Policy.DigestOf(policies), violations.ToImmutable());
    }

    public void Dispose() => _places.Dispose();

    private async Task<IEnumerable<PolicyViolation>> JudgeAsync(Policy policy, string? facts, CancellationToken cancellation)
    {
        if (policy.Problem is not null || policy.Text is null || facts is null)
        {
            return [Silent(policy, policy.Problem ?? "the facts are not a JSON object of at most 1 MiB")];
        }
        var answer = await RunAsync(policy.Text, facts, cancellation);
        if (answer.Late)
        {
            answer = await RunAsync(policy.Text, facts, cancellation);
        }
        return answer.Failure is { } failure
            ? [Silent(policy, failure)]
            : answer.Found.Select(one => new PolicyViolation(policy.Name, new UntrustedText(one.Message).Shown(400), one.Blocks));
    }

    private async Task<PolicyAnswer> RunAsync(string text, string facts, CancellationToken cancellation)
    {
        if (!await _places.WaitAsync(Queue, cancellation))
        {
            return PolicyAnswer.None("earlier runs have not ended");
        }
        var answer = new TaskCompletionSource<PolicyAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A stack of its own size: the engine's own functions recurse, and a full stack would end the whole process.
        new Thread(() => Run(text, facts, answer), Stack) { IsBackground = true, Name = "policy" }.Start();
        try
        {
            return await answer.Task.WaitAsync(limits.Patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            return PolicyAnswer.None("it did not come to an end");
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Design", "CA1031", Justification = "The outermost frame of a thread that runs scripts: what escapes here would end the process.")]
    private void Run(string text, string facts, TaskCompletionSource<PolicyAnswer> answer)
    {
        try
        {
            answer.SetResult(new PolicySandbox(limits).Run(text, facts));
        }
        catch (Exception)
        {
            answer.SetResult(PolicyAnswer.None("the engine failed"));
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        try
        {
            _places.Release();
        }
        catch (ObjectDisposedException)
        {
            // The silo ended while a run was left behind.
        }
    }

    private static PolicyViolation Silent(Policy policy, string why) =>
        new(new UntrustedText(policy.Name).Shown(80), $"policy {new UntrustedText(policy.Name).Shown(80)} did not answer: {why}.", true);

    private static string? Text(ReadOnlySpan<byte> facts)
    {
        if (facts.Length > MostBytes)
        {
            return null;
        }
        try
        {
            var text = Utf8.GetString(facts);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? text : null;
        }
        catch (Exception refused) when (refused is JsonException or DecoderFallbackException)
        {
            return null;
        }
    }
}
