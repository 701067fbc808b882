using System.Collections.Immutable;

namespace Maestro.Manifests;

/// <summary>What a repository looks like, and the commands that are usual for it.</summary>
/// <param name="Name">Such as <c>.NET</c>.</param>
/// <param name="Test">Null where nothing is usual.</param>
/// <param name="Run">It begins in the image, which is what is within <paramref name="Output"/>.</param>
/// <param name="Offline">How such a repository brings its packages along, as a clause; empty where there is no usual way.</param>
internal sealed record ManifestKind(
    string Name, ImmutableArray<string> Build, string Output, ImmutableArray<string>? Test, ImmutableArray<string> Run, string Offline = "")
{
    private static readonly EnumerationOptions Near = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 3,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden | FileAttributes.System,
    };

    /// <summary>The kind of the repository in this folder.</summary>
    public static ManifestKind Of(string folder)
    {
        if (Find(folder, "*.csproj") is { } project)
        {
            return DotNet(project, Path.GetRelativePath(folder, project).Replace('\\', '/'));
        }
        bool Has(string name) => File.Exists(Path.Combine(folder, name));
        return 0 switch
        {
            _ when Has("package.json") => new(
                "Node.js", ["sh", "-c", "npm ci && mkdir -p out && cp -r package.json node_modules *.js out/"], "out", ["npm", "test"],
                ["node", "index.js"],
                "npm ci --offline takes them from a cache that was filled before"),
            _ when Has("go.mod") => new("Go", ["go", "build", "-o", "out/server", "."], "out", ["go", "test", "./..."], ["./server"],
                "go mod vendor puts them into vendor/"),
            _ when Has("Cargo.toml") => new(
                "Rust", ["cargo", "install", "--path", ".", "--root", "out", "--locked"], "out", ["cargo", "test"], ["bin/server"],
                "cargo vendor puts them into vendor/"),
            _ when Has("pyproject.toml") => new(
                "Python", ["pip", "install", "--target", "out", "."], "out", ["python3", "-m", "pytest"], ["python3", "-m", "app"],
                "pip download -d wheels fetches them, and pip install --no-index --find-links wheels takes them from there"),
            _ when Has("Makefile") => new("make", ["make", "build"], "out", ["make", "test"], ["./server"]),
            _ when Has("Dockerfile") => new(
                "a Dockerfile, whose build steps belong into build.sh", ["sh", "build.sh"], "out", null, ["./server"]),
            _ => new("no kind that is known, so look at every command", ["sh", "build.sh"], "out", null, ["sh", "run.sh"]),
        };
    }

    private static ManifestKind DotNet(string project, string path) => new(
        ".NET", ["dotnet", "publish", path, "-c", "Release", "-o", "out"], "out", ["dotnet", "test"],
        ["dotnet", $"{Path.GetFileNameWithoutExtension(project)}.dll"],
        "dotnet restore --packages packages fetches them, and a nuget.config that names that folder as its only source takes them from there");

    // A project that is tested by another is what runs; of several the shortest path is the application.
    private static string? Find(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern, Near)
        .Where(path => !path.Contains("Test", StringComparison.OrdinalIgnoreCase))
        .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal).FirstOrDefault();
}
