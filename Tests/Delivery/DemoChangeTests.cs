using System.Diagnostics;
using Maestro.Demo;
using Maestro.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Maestro.Delivery;

/// <summary>The demo's hostile change is what it says it is, and it is found by rules that were not written for it.</summary>
public sealed class DemoChangeTests
{
    private const int Piece = 25;

    [Theory]
    [InlineData("build.sh")]
    [InlineData("test.sh")]
    public async Task The_hostile_scripts_leave_their_marker_where_somebody_runs_them(string script)
    {
        var folder = Directory.CreateTempSubdirectory("maestro-hostile-").FullName;
        try
        {
            var marker = Path.Combine(folder, "marker");
            await File.WriteAllTextAsync(Path.Combine(folder, script), DemoFiles.Hostile(marker)[script], TestContext.Current.CancellationToken);
            Assert.False(File.Exists(marker));
            var start = new ProcessStartInfo("sh", [script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["HOME"] = folder;
            using var shell = Process.Start(start)!;
            var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(File.Exists(marker), $"No marker: {await errors}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void No_rule_quotes_the_demo()
    {
        var constants = Rules().SelectMany(ConstantsOf).ToList();
        Assert.True(constants.Count > 50, $"Only {constants.Count} constants were read.");
        Assert.Empty(Injected().SelectMany(line => Quotes(line, constants)));
    }

    [Fact]
    public void A_rule_that_quoted_the_demo_would_be_found()
    {
        var line = Injected().First(line => line.Length > 60);
        Assert.NotEmpty(Quotes(line, ConstantsOf($"class Rule {{ const string Text = {SymbolDisplay.FormatLiteral(line[10..50], quote: true)}; }}")));
    }

    // What the change says and the application's first version does not: its texts, its file names and its commit message.
    private static List<string> Injected()
    {
        var before = DemoFiles.First.Values.SelectMany(text => text.Split('\n')).ToHashSet(StringComparer.Ordinal);
        var hostile = DemoScenario.All("marker").Single(scenario => scenario.Name == "hostile");
        var lines = hostile.Files.SelectMany(file => file.Value.Split('\n').Append(file.Key)).Concat(hostile.Message.Split('\n'))
            .Where(line => !before.Contains(line)).Select(line => line.Trim()).Where(line => line.Length >= Piece).ToList();
        Assert.True(lines.Count > 5, $"Only {lines.Count} lines were read.");
        return lines;
    }

    private static IEnumerable<string> Quotes(string line, IEnumerable<string> constants) =>
        from start in Enumerable.Range(0, line.Length - Piece + 1)
        let piece = line.Substring(start, Piece)
        from constant in constants
        where constant.Contains(piece, StringComparison.OrdinalIgnoreCase)
        select $"'{piece}' is in '{constant}'";

    private static IEnumerable<string> Rules() =>
        new[] { "Grains/Agents/Review", "Silo/Outside/Analysis" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Fixtures.Root, folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText);

    private static List<string> ConstantsOf(string source) =>
        [.. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.InterpolatedStringTextToken)
                || token.IsKind(SyntaxKind.SingleLineRawStringLiteralToken) || token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken))
            .Select(token => token.ValueText)];
}
