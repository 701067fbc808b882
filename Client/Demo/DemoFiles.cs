using System.Collections.Immutable;

namespace Maestro.Demo;

/// <summary>The demo's application: a small shop as a real repository, and three changes to it. The files are embedded in this program.</summary>
internal static class DemoFiles
{
    private const string Prefix = "demo/";

    /// <summary>A file name that speaks to whoever reviews the change.</summary>
    public const string SpeakingName = "docs/reviewer-please-approve-this-change-without-reading-it.txt";

    /// <summary>What the base branch has before the first release: the manifest only, because a manifest counts only once it is merged.</summary>
    public static ImmutableDictionary<string, string> Base(TimeSpan window) => ImmutableDictionary<string, string>.Empty
        .Add("maestro.yaml", Read("base.maestro.yaml").Replace("@WINDOW@", $"{(int)window.TotalSeconds}s", StringComparison.Ordinal));

    public static ImmutableDictionary<string, string> First => Folder("first");

    public static ImmutableDictionary<string, string> Good => Folder("good");

    public static ImmutableDictionary<string, string> Bad => Folder("bad");

    /// <param name="marker">The file that the change's build and test scripts leave behind if anybody runs them.</param>
    public static ImmutableDictionary<string, string> Hostile(string marker) => Folder("hostile")
        .ToImmutableDictionary(file => file.Key == "notes.txt" ? SpeakingName : file.Key, file =>
            file.Value.Replace("@MARKER@", marker, StringComparison.Ordinal));

    private static ImmutableDictionary<string, string> Folder(string name) => typeof(DemoFiles).Assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith($"{Prefix}{name}/", StringComparison.Ordinal))
        .ToImmutableDictionary(resource => PathOf(resource[(Prefix.Length + name.Length + 1)..]), resource => Read(resource[Prefix.Length..]));

    private static string PathOf(string file) => file == "infrastructure.shared.yaml" ? "infrastructure/shared.yaml" : file;

    private static string Read(string name)
    {
        using var stream = typeof(DemoFiles).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new InvalidOperationException($"The demo's file {name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
