using OpenTelemetry.Trace;

namespace Maestro.Telemetry;

/// <summary>Begins a trace for an attempt and for a commit only: what a silo does while nobody asked it anything is no trace of anything.</summary>
internal sealed class RootSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Name is Traces.Attempt or Traces.Batch);
}
