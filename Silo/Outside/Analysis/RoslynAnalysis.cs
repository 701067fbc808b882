using System.Collections.Immutable;
using System.Text;
using Maestro.Agents.Review;
using Maestro.Deployments;
using Maestro.Evidence;
using Microsoft.CodeAnalysis.CSharp;

namespace Maestro.Outside.Analysis;

/// <summary>
/// Reads C# with the compiler's own parser. Nothing is compiled, no project is loaded and no analyser of the repository runs.
/// </summary>
/// <param name="time">Limits the analysis, all files together.</param>
internal sealed class RoslynAnalysis(TimeProvider time) : IStaticAnalysis
{
    /// <summary>How long all files together may take.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, Microsoft.CodeAnalysis.DocumentationMode.None);

    public async Task<ImmutableArray<Finding>> AnalyseAsync(Comparison comparison, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Budget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await DeepThread.RunAsync(() => Analyse(comparison, either.Token)).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new OutsideException(new Reason("review.analysis-late", "The analysis of C# must end within its time.",
                $"at most {Budget.TotalSeconds} s", "more", "Make the change smaller."));
        }
    }

    private static ImmutableArray<Finding> Analyse(Comparison comparison, CancellationToken cancellation)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var file in comparison.Files.Where(IsSource))
        {
            cancellation.ThrowIfCancellationRequested();
            findings.AddRange(InFile(file, cancellation));
        }
        return findings.ToImmutable();
    }

    private static bool IsSource(ChangedFile file) =>
        file.New is not null && LanguageOfFile.Of(file.Path.Open(), "") == Languages.CSharp
            && !file.Path.Open().EndsWith("html", StringComparison.OrdinalIgnoreCase)
        && !file.Path.Open().EndsWith(".razor", StringComparison.OrdinalIgnoreCase);

    private static List<Finding> InFile(ChangedFile file, CancellationToken cancellation)
    {
        var text = Encoding.UTF8.GetString(file.New!.Value.Span);
        var kind = file.Path.Open().EndsWith(".csx", StringComparison.OrdinalIgnoreCase)
            ? Microsoft.CodeAnalysis.SourceCodeKind.Script : Microsoft.CodeAnalysis.SourceCodeKind.Regular;
        var walk = new SourceWalk(file, ChangedLines.Of(file, text), cancellation);
        var options = Options.WithKind(kind);
        try
        {
            if (Nesting.IsTooDeep(text, options, cancellation))
            {
                throw new InsufficientExecutionStackException();
            }
            var tree = CSharpSyntaxTree.ParseText(text, options, cancellationToken: cancellation);
            walk.Visit(tree.GetRoot(cancellation));
        }
        catch (InsufficientExecutionStackException)
        {
            walk.Findings.Add(new("unread-file", Severity.Medium, file.Path.Shown(), 0, "The code is nested too deeply to be parsed."));
        }
        return walk.Findings;
    }
}
