namespace Maestro.Support;

public sealed class FixturesTests
{
    [Fact]
    public void The_repository_root_has_the_solution() => Assert.True(File.Exists(Path.Combine(Fixtures.Root, "Orleans.sln")));
}
