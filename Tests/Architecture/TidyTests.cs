using System.Text.RegularExpressions;
using Maestro.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Maestro.Architecture;

/// <summary>Style that a machine can check. The limits are those beyond which something is wrong; most files are far below.</summary>
public sealed class TidyTests
{
    private const int MaximumFile = 400;
    private const int MaximumMethod = 70;
    private const int MaximumLine = 160;

    // The process is a table with one row a line, however wide.
    private static readonly string Table = Path.Combine("Grains", "Deployments", "Plan.cs");

    private static readonly string[] LeftOut = ["bin", "obj", ".git", "TestResults", "artifacts", ".maestro", ".vs", ".idea"];

    private static readonly string[] Text = [".cs", ".csproj", ".props", ".md", ".sh", ".json", ".yaml", ".yml", ".js", ".sql", ".tf", ".txt", ".sln", ""];

    // A letter in brackets keeps each pattern from finding itself.
    private static readonly Regex[] Banned =
    [
        Pattern(@"\b(this|my|previous|another|coding|agent|helper) s[e]ssion\b"), Pattern(@"\bh[e]lper agents?\b"), Pattern(@"(?<![\w.$}\])*])/w[o]rk/"),
        Pattern(@"(?<![\w.$}])/r[o]ot/"), Pattern(@"(?<![\w.$}])/h[o]me/[a-z]"), Pattern(@"/U[s]ers/[a-z]"), Pattern(@"\.\./sh[a]red(?!/fixtures)"),
        Pattern(@"\bn[u]get\.org\b"), Pattern(@"\bp[y]pi\.org\b"), Pattern(@"\bregistry\.n[p]mjs\b"),
        Pattern(@"\bproxy\.g[o]lang\.org\b"), Pattern(@"\bart[i]factory\b"),
    ];

    private static readonly Regex Marker = new(@"\b(T[O]DO|F[I]XME|H[A]CK|X[X]X)\b");

    [Fact]
    public void No_source_file_is_too_long() => None(
        Sources()
            .Select(file => (file, lines: File.ReadLines(file).Count()))
            .Where(found => found.lines > MaximumFile)
            .Select(found => $"{Name(found.file)}: {found.lines} lines"));

    [Fact]
    public void No_line_is_too_long() => None(
        Sources().Where(file => Name(file) != Table).SelectMany(
            file => Lines(file).Where(line => line.Text.Length > MaximumLine).Select(line => $"{Name(file)}:{line.Number}")));

    [Fact]
    public void No_method_is_too_long() => None(Sources().SelectMany(file => LongMethods(Name(file), File.ReadAllText(file))));

    [Fact]
    public void Nothing_is_left_for_later() => None(
        Sources().SelectMany(file => Lines(file).Where(line => Marker.IsMatch(line.Text)).Select(line => $"{Name(file)}:{line.Number}")));

    [Fact]
    public void The_repository_speaks_of_Maestro_alone() => None(
        Texts().SelectMany(file => Lines(file).Where(line => Banned.Any(word => word.IsMatch(line.Text))).Select(line => $"{Name(file)}:{line.Number}")));

    [Theory]
    [InlineData("written in the previous sess|ion")]
    [InlineData("see /wo|rk/main")]
    [InlineData("restored from api.nu|get.org")]
    [InlineData("in /ho|me/ada")]
    public void A_banned_word_would_be_found(string planted) =>
        Assert.Contains(Banned, word => word.IsMatch(planted.Replace("|", "", StringComparison.Ordinal)));

    [Fact]
    public void A_long_method_would_be_found()
    {
        var body = string.Concat(Enumerable.Repeat("        ;\n", MaximumMethod + 1));

        Assert.Single(LongMethods("planted", $"class C {{\n    void M()\n    {{\n{body}    }}\n    void N() {{ }}\n}}\n"));
    }

    [Fact]
    public void The_readme_says_at_once_how_to_see_it_and_how_to_test_it()
    {
        var readme = Path.Combine(Fixtures.Root, "README.md");
        Assert.SkipUnless(File.Exists(readme), "There is no README.md yet.");

        var first = string.Join('\n', File.ReadLines(readme).Take(40));

        Assert.Contains("dotnet run --project Client", first, StringComparison.Ordinal);
        Assert.Contains("bash infra/test.sh", first, StringComparison.Ordinal);
    }

    private static void None(IEnumerable<string> found)
    {
        var all = string.Join(Environment.NewLine, found);
        Assert.True(all.Length == 0, all);
    }

    private static IEnumerable<string> LongMethods(string name, string source) => CSharpSyntaxTree
        .ParseText(source, cancellationToken: TestContext.Current.CancellationToken)
        .GetRoot(TestContext.Current.CancellationToken)
        .DescendantNodes()
        .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
        .Select(node => (node, span: node.SyntaxTree.GetLineSpan(WithoutAttributes(node), TestContext.Current.CancellationToken)))
        .Where(found => found.span.EndLinePosition.Line - found.span.StartLinePosition.Line + 1 > MaximumMethod)
        .Select(found => $"{name}:{found.span.StartLinePosition.Line + 1}");

    // The cases of a theory are its data, not its length.
    private static TextSpan WithoutAttributes(SyntaxNode node) => node is BaseMethodDeclarationSyntax { AttributeLists.Count: > 0 } method
        ? TextSpan.FromBounds(method.AttributeLists.Span.End, node.Span.End)
        : node.Span;

    private static IEnumerable<string> Sources() => Files(new DirectoryInfo(Fixtures.Root)).Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Texts() => Files(new DirectoryInfo(Fixtures.Root)).Where(file =>
        Text.Contains(Path.GetExtension(file), StringComparer.Ordinal) && Path.GetFileName(file) is not ".git");

    private static IEnumerable<string> Files(DirectoryInfo folder) => folder.EnumerateFiles().Select(file => file.FullName)
        .Concat(folder.EnumerateDirectories().Where(inner => !LeftOut.Contains(inner.Name) && inner.LinkTarget is null).SelectMany(Files));

    private static IEnumerable<(int Number, string Text)> Lines(string file) => File.ReadLines(file).Select((text, index) => (index + 1, text));

    private static string Name(string file) => Path.GetRelativePath(Fixtures.Root, file);

    private static Regex Pattern(string pattern) => new(pattern, RegexOptions.IgnoreCase);
}
