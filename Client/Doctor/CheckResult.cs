namespace Maestro.Doctor;

/// <summary>How a check ended.</summary>
internal enum Health
{
    Fine,

    /// <summary>Maestro runs, with less.</summary>
    Limited,

    /// <summary>Maestro cannot run.</summary>
    Missing,
}

/// <summary>One thing that was looked for.</summary>
/// <param name="Found">What is there.</param>
/// <param name="Meaning">What that means for deployments.</param>
/// <param name="Remedy">What to install or change; empty where nothing is to be done.</param>
internal sealed record CheckResult(string Check, Health Health, string Found, string Meaning, string Remedy);
