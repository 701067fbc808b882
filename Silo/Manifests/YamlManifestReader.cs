using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Maestro.Environments;

namespace Maestro.Manifests;

/// <summary>Reads <c>maestro.yaml</c>. Every refusal has a code <c>manifest.*</c> and a sentence with line and column.</summary>
internal sealed partial class YamlManifestReader : IManifestReader
{
    private const int MostChecks = 20;

    public Manifest Read(ReadOnlyMemory<byte> text)
    {
        var document = ManifestText.Read(text);
        var top = new ManifestSection(
            Manifest.FileName, document, document.At, "version", "application", "build", "test", "run", "health", "infrastructure",
            "merge", "watch");
        ManifestValues.Number(top.RequiredText("version"), "version", 1, 1, 1);
        var application = ManifestValues.Text(
            top.RequiredText("application"), "application",
            "1 to 40 lower-case letters, digits and dashes, beginning with a letter", value => Application().IsMatch(value));
        var (build, output) = Build(top.Required("build"));
        return new Manifest(
            application, build, output, top.Optional("test") is { } test ? Test(test) : null,
            Run(top.Required("run"), top.Required("health")),
            top.Optional("infrastructure") is { } infrastructure ? Infrastructure(infrastructure) : null, Merge(top.OptionalText("merge")),
            Watch(top.Optional("watch")));
    }

    private static (CommandSettings Command, string Output) Build(ManifestNode node)
    {
        var section = new ManifestSection("build", node, node.At, "command", "output", "within");
        return (Command(section), ManifestValues.RelativePath(section.RequiredText("output"), "output"));
    }

    private static CommandSettings Test(ManifestNode node) => Command(new ManifestSection("test", node, node.At, "command", "within"));

    private static CommandSettings Command(ManifestSection section) => new(
        ManifestValues.Command(section.Required("command"), "command"),
        ManifestValues.Time(
            section.OptionalText("within"), "within", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10)));

    private static RunSettings Run(ManifestNode node, ManifestNode health)
    {
        var section = new ManifestSection("run", node, node.At, "command", "port");
        var port = section.OptionalText("port") is not { } text ? "PORT" : ManifestValues.Text(
            text, "port", "the name of the environment variable that carries the port; port numbers are registered by an administrator",
            value => Variable().IsMatch(value));
        return new RunSettings(ManifestValues.Command(section.Required("command"), "command"), port, Health(health));
    }

    private static ImmutableArray<HealthCheck> Health(ManifestNode node) =>
        node is ManifestNode.Sequence { Items: { Length: > 0 and <= MostChecks } items }
        ? [.. items.Select(Check)]
        : throw ManifestFaults.WrongType(node, "health", $"a list of 1 to {MostChecks} checks, such as '- path: /healthz'");

    private static HealthCheck Check(ManifestNode node)
    {
        var section = new ManifestSection("health", node, node.At, "path", "status", "body", "interval", "deadline");
        return new HealthCheck(
            ManifestValues.Text(
                section.RequiredText("path"), "path", "a path on the application itself, such as /healthz",
                value => HealthPath().IsMatch(value)),
            ManifestValues.Number(section.OptionalText("status"), "status", 200, 599, 200),
            section.OptionalText("body") is { } body
                ? ManifestValues.Text(body, "body", "text that the answer must contain", value => value.Length > 0)
                : null,
            ManifestValues.Time(
                section.OptionalText("interval"), "interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1),
                TimeSpan.FromSeconds(1)),
            ManifestValues.Time(
                section.OptionalText("deadline"), "deadline", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30)));
    }

    private static InfrastructureSettings Infrastructure(ManifestNode node)
    {
        var section = new ManifestSection("infrastructure", node, node.At, "directory", "engine");
        var engine = section.OptionalText("engine");
        return new InfrastructureSettings(
            ManifestValues.RelativePath(section.RequiredText("directory"), "directory"),
            engine is null
                ? "local"
                : ManifestValues.Text(engine, "engine", "the name of an engine, such as local", value => Application().IsMatch(value)));
    }

    private static MergeMode Merge(ManifestNode.Text? text) => text?.Value switch
    {
        null or "after" => MergeMode.After,
        "before" => MergeMode.Before,
        "never" => MergeMode.Never,
        _ => throw ManifestFaults.WrongValue(text, "merge", "after, before or never"),
    };

    private static WatchSettings Watch(ManifestNode? node)
    {
        var section = node is null ? null : new ManifestSection("watch", node, node.At, "window", "failures");
        return new WatchSettings(
            ManifestValues.Time(
                section?.OptionalText("window"), "window", TimeSpan.FromSeconds(1), TimeSpan.FromHours(24), TimeSpan.FromMinutes(15)),
            ManifestValues.Number(section?.OptionalText("failures"), "failures", 1, 20, 2));
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z")]
    private static partial Regex Application();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,63}\z")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\A/(?![/\\])[\x21-\x7e]{0,199}\z")]
    private static partial Regex HealthPath();
}
