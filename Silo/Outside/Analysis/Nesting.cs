using Microsoft.CodeAnalysis.CSharp;

namespace Maestro.Outside.Analysis;

/// <summary>
/// How deep code is nested. Parts of the parser recurse without a guard, and a stack that overflows ends the whole process.
/// </summary>
internal static class Nesting
{
    private const int Deepest = 300;

    private const int DeepestInText = 2_000;

    private const int Longest = 2 << 20;

    public static bool IsTooDeep(string text, CSharpParseOptions options, CancellationToken cancellation)
    {
        if (text.Length > Longest || text.AsSpan().Count("$\"") + text.AsSpan().Count("$@\"") > 20_000)
        {
            return true;
        }
        var (depth, angles) = (0, 0);
        foreach (var token in SyntaxFactory.ParseTokens(text, options: options))
        {
            cancellation.ThrowIfCancellationRequested();
            var kind = token.Kind();
            depth += kind is SyntaxKind.OpenParenToken or SyntaxKind.OpenBracketToken or SyntaxKind.OpenBraceToken ? 1
                : kind is SyntaxKind.CloseParenToken or SyntaxKind.CloseBracketToken or SyntaxKind.CloseBraceToken && depth > 0 ? -1 : 0;
            angles = kind is SyntaxKind.LessThanToken or SyntaxKind.LessThanLessThanToken ? angles + 1
                : kind is SyntaxKind.SemicolonToken or SyntaxKind.OpenBraceToken or SyntaxKind.CloseBraceToken ? 0 : angles;
            // The lexer hands over an interpolated string with all that is nested in it as one token.
            var inside = kind is SyntaxKind.InterpolatedStringToken ? token.Text.AsSpan().Count('(') + token.Text.AsSpan().Count('{') : 0;
            if (depth > Deepest || angles > Deepest || inside > DeepestInText)
            {
                return true;
            }
        }
        return false;
    }
}
