using Maestro.Applications;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Edge;
using Maestro.Outside;
using Maestro.Outside.Infrastructure;

namespace Maestro.Chaos;

/// <summary>What the targets themselves have written down.</summary>
internal sealed class TargetJournals(DrillFolder folder)
{
    public IEnumerable<Edge.JournalLine> Switches() => File.Exists(folder.EdgeJournal) ? EdgeJournal.Read(folder.EdgeJournal) : [];

    public IEnumerable<AppliedLine> Applied(string application) =>
        new[] { EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName }.Select(name => new EnvironmentKey(application, name)).SelectMany(
            key => new Outside.Infrastructure.Journal(EnvironmentFiles.Of(Path.Combine(folder.Data, "worlds"), key)).Read()
                .Select(line => new AppliedLine(key.ToString(), line)));

    /// <summary>The folders of the builds that ran; a line that is just being written is left out.</summary>
    public IEnumerable<string> Builds() => File.ReadLines(folder.Builds);

    /// <summary>Whether the stage's target shows its effect; true for a stage that leaves nothing outside.</summary>
    public bool Show(string deployment, int attempt, Stage stage)
    {
        var id = DeploymentId.Parse(deployment);
        var effect = Assignment.EffectOf(id, attempt, stage);
        return stage switch
        {
            Stage.Build => Builds().Any(build => build.Contains(Digest.Of(System.Text.Encoding.UTF8.GetBytes(effect)).Hex, StringComparison.Ordinal)),
            Stage.ProvisionStaging or Stage.ProvisionProduction => Applied(id.Repository).Any(line => line.Line.Effect == effect),
            Stage.DeployStaging or Stage.Promote => Switches().Any(line => line.Outcome == "switched" && line.Target == effect),
            _ => true,
        };
    }
}
