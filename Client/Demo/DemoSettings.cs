namespace Maestro.Demo;

/// <summary>What <c>maestro demo</c> is asked for.</summary>
/// <param name="Folder">The demo's own folder; it must be new, empty, or an earlier demo's.</param>
/// <param name="Yes">The demo's own reviewer answers at the gates.</param>
/// <param name="Keep">Everything stays running to look at.</param>
/// <param name="Json">One JSON object a line instead of the tree.</param>
/// <param name="Running">It plays on silos that run already, as those of a cluster; they go on afterwards.</param>
/// <param name="Window">How long production is watched, as the demo's manifest says.</param>
internal sealed record DemoSettings(string Folder, bool Yes, bool Keep, bool Json, TimeSpan Window, bool Running = false)
{
    /// <summary>Marks a folder as a demo's: only there may a program answer at the gates.</summary>
    public const string MarkerFile = "demo.json";
}

/// <summary>How one of the demo's scenarios ended.</summary>
/// <param name="BadSeconds">From the first bad answer of production to the next good one; null where there was none.</param>
internal sealed record ScenarioResult(string Scenario, string Deployment, string Outcome, string Stage, double Seconds, double? BadSeconds,
    string Told, bool AsExpected);
