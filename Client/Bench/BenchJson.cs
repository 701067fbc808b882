using Maestro.Screen;

namespace Maestro.Bench;

/// <summary>Measurements for scripts.</summary>
internal static class BenchJson
{
    public static string Of(IEnumerable<Measurement> measured) => JsonOutput.Of("bench", new
    {
        Processors = Environment.ProcessorCount,
        Measurements = measured.Select(one => new
        {
            one.Name,
            one.Value,
            one.Unit,
            Yardstick = one.Yardstick?.Name,
            YardstickValue = one.Yardstick?.Value,
            one.Ratio,
            Asked = one.Asked?.ToString(),
            one.Reached,
            one.Load,
        }),
    });
}
