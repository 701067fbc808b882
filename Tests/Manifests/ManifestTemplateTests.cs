using System.Text;

namespace Maestro.Manifests;

public sealed class ManifestTemplateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-template-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("src/Shop/Shop.csproj", "dotnet")]
    [InlineData("src/Sh \"op/Shop.csproj", "dotnet")]
    [InlineData("package.json", "node")]
    [InlineData("go.mod", "./server")]
    [InlineData("Cargo.toml", "bin/server")]
    [InlineData("pyproject.toml", "python3")]
    [InlineData("Makefile", "./server")]
    [InlineData("Dockerfile", "./server")]
    [InlineData("nothing.txt", "sh")]
    public void What_is_written_reads_back(string file, string program)
    {
        var path = Path.Combine(_folder.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");

        var text = ManifestTemplate.For(_folder.FullName, "shop");

        var manifest = new YamlManifestReader().Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal(("shop", program, "out"), (manifest.Application, manifest.Run.Command[0], manifest.Output));
        Assert.Equal(file is "Dockerfile" or "nothing.txt", manifest.Test is null);
        Assert.DoesNotContain('\r', text);
    }

    [Fact]
    public void Of_several_projects_the_application_runs_not_its_tests()
    {
        foreach (var project in new[] { "Shop.Tests/Shop.Tests.csproj", "Shop/Shop.csproj" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, Path.GetDirectoryName(project)!));
            File.WriteAllText(Path.Combine(_folder.FullName, project), "");
        }

        var manifest = new YamlManifestReader().Read(Encoding.UTF8.GetBytes(ManifestTemplate.For(_folder.FullName, "shop")));

        Assert.Equal(["dotnet", "publish", "Shop/Shop.csproj", "-c", "Release", "-o", "out"], manifest.Build.Command);
        Assert.Equal("Shop.dll", manifest.Run.Command[1]);
    }
}
