using System.Text.RegularExpressions;
using Maestro.Applications;

namespace Maestro.Outside.Infrastructure;

/// <summary>Where the engine keeps what it knows of one environment: beside the managed world.</summary>
internal sealed partial record EnvironmentFiles(string Folder, string Name)
{
    public string State => Path.Combine(Folder, Name + ".state.json");

    public string Journal => Path.Combine(Folder, Name + ".journal.jsonl");

    public string OlderJournal => Path.Combine(Folder, Name + ".journal.1.jsonl");

    public string Lock => Path.Combine(Folder, Name + ".lock");

    public bool HasJournal => File.Exists(Journal) || File.Exists(OlderJournal);

    /// <exception cref="Maestro.Deployments.RefusedException">The key holds anything but a registered kind of name.</exception>
    public static EnvironmentFiles Of(string root, EnvironmentKey environment) =>
        ApplicationName().IsMatch(environment.Application)
        && environment.Environment is EnvironmentSettings.StagingName or EnvironmentSettings.ProductionName
            ? new(Path.Combine(root, environment.Application), environment.Environment)
            : throw Refusals.Environment(environment);

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApplicationName();
}
