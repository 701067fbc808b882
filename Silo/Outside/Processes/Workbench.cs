using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Manifests;

namespace Maestro.Outside.Processes;

/// <summary>One piece of work on a change: its tree, its command, and how its folders are called inside.</summary>
/// <param name="Stage">The first word of a refusal's code.</param>
/// <param name="Output">The manifest's output folder.</param>
/// <param name="Image">The image that tests are given; null for a build.</param>
internal sealed record Workbench(string Stage, ChangeOpened Change, CommandSettings Command, string Output, Digest? Image)
{
    public const string ImageName = "image";
    private const string Inside = "/work";
    private const string ImageInside = "/image";

    /// <summary>What the effect is bound to.</summary>
    public string Subject { get; } = Digest.Of(Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize<string[]>([Stage, Change.MergeTree, Output, Image?.Hex ?? "", .. Command.Command]))).Hex;

    /// <summary>Fills a draft with the tree and the folders that the command may write to.</summary>
    /// <exception cref="RefusedException">The command is not there, or the output folder is not within the tree.</exception>
    public async Task LayOutAsync(WorkFolder draft, IGitHost git, CancellationToken cancellation)
    {
        var tree = Tree(draft);
        foreach (var folder in new[] { "tree", "home", "tmp", "packages" })
        {
            Directory.CreateDirectory(Path.Combine(draft.Root, folder));
        }
        await git.ExportAsync(Change.Application, Change.MergeTree, tree, cancellation);
        _ = CommandLookup.Require(Stage, Command.Command, tree);
        if (Image is null)
        {
            Directory.CreateDirectory(OutputIn(tree));
        }
    }

    /// <summary>What the launcher runs, for a draft that will be at this place.</summary>
    public WorkFile Describe(WorkFolder place, Sandbox sandbox, WorkLimits limits, ImageStore images)
    {
        var root = sandbox.Confines ? Inside : place.Root;
        var tree = $"{root}/tree";
        var (home, temporary) = sandbox.Confines ? ("/tmp/home", "/tmp") : ($"{root}/home", $"{root}/tmp");
        var image = sandbox.Confines ? ImageInside : $"{root}/{ImageName}";
        var mounts = ImmutableArray.Create(new Mount(place.Root, Inside, Writable: true));
        if (Image is { } digest)
        {
            mounts = mounts.Add(new(images.Folder(digest), ImageInside, Writable: false));
        }
        var command = sandbox.Confines ? Command.Command : Command.Command.SetItem(0, CommandLookup.Place(Command.Command[0], Tree(place)));
        var within = Command.Within < limits.Within ? Command.Within : limits.Within;
        return new(
            WorkMode.Run, Effect: "", Token: 0, Owner: "", Subject, Marker: "", default,
            sandbox.Wrap(new(mounts, Network: false, DieWithParent: true, tree), command),
            CleanEnvironment.ForWork(home, temporary, $"{root}/packages")
                .Add(Image is null ? "MAESTRO_OUTPUT" : "MAESTRO_IMAGE", Image is null ? OutputIn(tree) : image),
            sandbox.Confines ? "/" : tree, limits with { Within = within }, [place.Root], sandbox.Confines, Port: 0);
    }

    /// <summary>The folder that the build was to fill.</summary>
    /// <exception cref="RefusedException">It is missing, or a part of its path is a link.</exception>
    public string RequireOutput(WorkFolder place)
    {
        var output = OutputIn(Tree(place));
        var path = Tree(place);
        foreach (var part in Path.GetRelativePath(path, output).Split('/'))
        {
            path = Path.GetFullPath(Path.Combine(path, part));
            if (NativeMethods.Status(path) is not { IsFolder: true })
            {
                throw ImageStore.NoOutput("no such folder");
            }
        }
        return output;
    }

    private static string Tree(WorkFolder folder) => Path.Combine(folder.Root, "tree");

    private string OutputIn(string tree)
    {
        var output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(tree, Output)));
        return output.StartsWith(tree + "/", StringComparison.Ordinal) ? output : throw new RefusedException(new Reason(
            $"{Stage}.output-outside", "The output folder is within the repository.", "a relative path such as 'out'",
            new UntrustedText(Output).Shown(80), "Correct 'output' in maestro.yaml."));
    }
}
