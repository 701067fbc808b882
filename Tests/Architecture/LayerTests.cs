using System.Reflection;
using System.Xml.Linq;
using Maestro.Outside;
using Maestro.Support;

namespace Maestro.Architecture;

public sealed class LayerTests
{
    private static readonly string[] ShippedWithGrains =
        ["System", "Microsoft.Extensions.", "Orleans", "Microsoft.Orleans", "Maestro.Grains.Interfaces", "netstandard", "mscorlib"];

    // What the console may know of the silo: how to start it, whose key signs, and what a first manifest says.
    private static readonly string[] KnownToTheConsole = ["Maestro.Hosting", "Maestro.Edge", "Maestro.Outside.Processes", "Maestro.Identity",
        "Maestro.Manifests", "Maestro.Cluster", "Maestro.Dashboard"];

    // A drill reads what the targets and the database recorded, past all grains: a silo that was wrong would also tell it wrongly. A benchmark
    // measures the storage itself.
    private static readonly string[] KnownToDrillsAndBenchmarks = ["Maestro.Storage", "Maestro.Outside.Infrastructure", "Maestro.Inbox"];

    // Where text from outside is examined. Anywhere else it can only be shown, or passed on closed.
    private static readonly string[] MayOpenText =
        ["Maestro.Agents.Review", "Maestro.Manifests", "Maestro.Policies", "Maestro.Outside.Analysis", "Maestro.Outside.Git"];

    [Fact]
    public void Grains_know_no_outside_system() => Assert.All(
        Assemblies.Grains.GetReferencedAssemblies(),
        reference => Assert.True(
            ShippedWithGrains.Any(known => reference.Name!.StartsWith(known, StringComparison.Ordinal)), $"Grains references {reference.Name}."));

    [Theory]
    [InlineData("Grains")]
    [InlineData("Grains.Interfaces")]
    public void Grains_and_contracts_name_no_package_but_those_of_Orleans(string project) => Assert.All(
        Elements(project, "PackageReference"),
        package => Assert.True(
            package.StartsWith("Microsoft.Orleans.", StringComparison.Ordinal) || package.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal),
            $"{project} names the package {package}."));

    [Fact]
    public void The_silo_does_reference_what_grains_must_not() => Assert.Contains(Elements("Silo", "PackageReference"), package => package == "LibGit2Sharp");

    [Fact]
    public void Contracts_reference_nothing_of_ours()
    {
        Assert.DoesNotContain(
            Assemblies.Interfaces.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Maestro", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(Elements("Grains.Interfaces", "ProjectReference"));
    }

    [Fact]
    public void The_console_reaches_no_adapter() => Assert.DoesNotContain(
        Assemblies.ReferencesOf(Assemblies.Client),
        reference => reference.Assembly == Assemblies.Silo.GetName().Name
            && !IsWithin(reference.Namespace, [.. KnownToTheConsole, .. KnownToDrillsAndBenchmarks]));

    [Theory]
    [InlineData("Maestro.Storage")]
    [InlineData("Maestro.Outside.Infrastructure")]
    [InlineData("Maestro.Inbox")]
    public void Of_the_console_only_drills_and_benchmarks_read_what_was_recorded(string adapter) => Assert.All(
        Assemblies.UsersOf(Assemblies.Client, adapter), user => Assert.True(IsWithin(user[..user.LastIndexOf('.')], ["Maestro.Chaos", "Maestro.Bench"]), user));

    [Fact]
    public void Text_from_outside_is_opened_only_where_it_is_examined() => Assert.All(
        Assemblies.All.SelectMany(OpenersIn),
        opener => Assert.True(IsWithin(opener[..opener.LastIndexOf('.')], MayOpenText), $"{opener} opens untrusted text."));

    [Fact]
    public void An_opener_in_the_wrong_place_would_be_found()
    {
        Assert.Equal("planted", Opener.Open(new UntrustedText("planted")));

        var opener = Assert.Single(OpenersIn(typeof(Opener).Assembly), found => found == typeof(LayerTests).FullName);
        Assert.False(IsWithin(opener[..opener.LastIndexOf('.')], MayOpenText));
    }

    private static IReadOnlyList<string> OpenersIn(Assembly assembly) =>
        Assemblies.CallersOf(assembly, typeof(UntrustedText).FullName!, nameof(UntrustedText.Open));

    private static bool IsWithin(string space, string[] allowed) =>
        allowed.Any(known => space == known || space.StartsWith($"{known}.", StringComparison.Ordinal));

    private static IEnumerable<string> Elements(string project, string element) =>
        XDocument.Load(Path.Combine(Fixtures.Root, project, $"{project}.csproj")).Descendants(element).Select(found => found.Attribute("Include")!.Value);

    private static class Opener
    {
        public static string Open(UntrustedText text) => text.Open();
    }
}
