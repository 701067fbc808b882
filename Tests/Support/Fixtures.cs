namespace Maestro.Support;

/// <summary>Public test data that may lie beside the repository. Tests that use it skip, with the reason, where it is not there.</summary>
internal static class Fixtures
{
    /// <summary>The repository's root: the nearest folder above the test binaries that has the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of one data set. Skips the calling test where it is absent.</summary>
    public static string Folder(string name)
    {
        var folder = Path.GetFullPath(Path.Combine(Root, "..", "shared", "fixtures", name));
        Assert.SkipUnless(Directory.Exists(folder), $"The public test data '{name}' is not on this machine.");
        return folder;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from within the repository.");
    }
}
