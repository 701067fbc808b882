using Maestro.Identity;

namespace Maestro.Bench;

/// <summary>A deployment's log and nothing else; the key is a deployment's. Only a benchmark's silo hosts it.</summary>
[Alias("maestro.bench.IStepGrain")]
internal interface IStepGrain : IGrainWithStringKey
{
    /// <summary>Appends one entry, with head and ledger fact, as a deployment does; answers when it is durable.</summary>
    [Admits(Role.Control), Alias("StepAsync")]
    Task StepAsync();

    /// <summary>Reads head and newer entries, as the activation of a deployment does.</summary>
    [Admits(Role.Control), Alias("OpenAsync")]
    Task OpenAsync();
}

/// <summary>The yardstick: Orleans' own persistence, of a state that is as large.</summary>
[Alias("maestro.bench.IPlainGrain")]
internal interface IPlainGrain : IGrainWithStringKey
{
    /// <summary>Changes the state and writes it.</summary>
    [Admits(Role.Control), Alias("StepAsync")]
    Task StepAsync();
}
