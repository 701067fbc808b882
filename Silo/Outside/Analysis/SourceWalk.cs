using System.Text.RegularExpressions;
using Maestro.Agents.Review;
using Maestro.Evidence;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Maestro.Outside.Analysis;

/// <summary>
/// Walks the syntax of one file and notes what its added lines do. Text in comments and strings is not code and is not mistaken for it.
/// </summary>
internal sealed class SourceWalk(ChangedFile file, ChangedLines changed, CancellationToken cancellation)
    : CSharpSyntaxWalker(SyntaxWalkerDepth.Trivia)
{
    private const int FindingsKept = 100;

    private static readonly Regex Query = new("""^\s*(select\s.*\sfrom\s|insert\s+into\s|update\s.*\sset\s|delete\s+from\s)""",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static readonly Regex SecretName = new(
        """(password|passwd|pwd|secret|api_?key|access_?key|private_?key|token|connectionstring)$""",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static readonly Regex Guard = new(
        """^((Is|Has|Can|Check)\w*(Admin|Authori[sz]ed|Authenticated|Access|Permission|"""
        + """Password|Token|Signature|Allowed|Login|Role|Trusted|Owner)\w*"""
        + """|(Verify|Validate|Authori[sz]e|Authenticate)\w*)$""", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private readonly bool _test = LanguageOfFile.IsTest(file.Path.Open());

    public List<Finding> Findings { get; } = [];

    public override void DefaultVisit(SyntaxNode node)
    {
        cancellation.ThrowIfCancellationRequested();
        base.DefaultVisit(node);
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var (owner, name) = node.Expression is MemberAccessExpressionSyntax member
            ? (LastName(member.Expression), member.Name.Identifier.ValueText) : ("", LastName(node.Expression));
        if (Calls.Of(owner, name) is var (severity, rule, message))
        {
            Note(node, rule, severity, message);
        }
        base.VisitInvocationExpression(node);
    }

    public override void VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        if (Calls.OfType(LastName(node.Type)) is var (severity, rule, message))
        {
            Note(node, rule, severity, message);
        }
        base.VisitObjectCreationExpression(node);
    }

    public override void VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var name = LastName(node.Left);
        if (name.Contains("CertificateValidationCallback", StringComparison.OrdinalIgnoreCase)
            || name.Contains("CertificateCustomValidation", StringComparison.OrdinalIgnoreCase))
        {
            var always = node.Right is AnonymousFunctionExpressionSyntax function && AlwaysTrue(function.Body)
                || node.Right.ToString().Contains("DangerousAccept", StringComparison.Ordinal);
            Note(node, "certificate-check-off", always ? Severity.High : Severity.Medium,
                "The check of certificates is replaced in code.");
        }
        NoteSecret(node, name, node.Right);
        base.VisitAssignmentExpression(node);
    }

    public override void VisitVariableDeclarator(VariableDeclaratorSyntax node)
    {
        NoteSecret(node, node.Identifier.ValueText, node.Initializer?.Value);
        base.VisitVariableDeclarator(node);
    }

    public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node)
    {
        NoteSecret(node, node.Identifier.ValueText, node.Initializer?.Value ?? node.ExpressionBody?.Expression);
        base.VisitPropertyDeclaration(node);
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.AddExpression) && node.Left is LiteralExpressionSyntax { Token.Value: string text }
            && Query.IsMatch(text)
            && node.Right is not LiteralExpressionSyntax)
        {
            Note(node, "query-concatenation", Severity.Medium, "A query is put together from pieces of text; use parameters.");
        }
        if (node.IsKind(SyntaxKind.EqualsExpression))
        {
            NoteFixedPassword(node, node.Left, node.Right);
            NoteFixedPassword(node, node.Right, node.Left);
        }
        base.VisitBinaryExpression(node);
    }

    public override void VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
    {
        var isQuery = node.Contents is [InterpolatedStringTextSyntax first, ..] && Query.IsMatch(first.TextToken.ValueText + " ");
        var takesParameters = node.Parent?.Parent?.Parent is InvocationExpressionSyntax call
            && call.Expression.ToString().Contains("Interpolated", StringComparison.Ordinal);
        if (isQuery && !takesParameters && node.Contents.Any(content => content is InterpolationSyntax))
        {
            Note(node, "query-concatenation", Severity.Medium, "A query is put together from pieces of text; use parameters.");
        }
        base.VisitInterpolatedStringExpression(node);
    }

    public override void VisitAttribute(AttributeSyntax node)
    {
        var name = LastName(node.Name);
        if (name is "AllowAnonymous" or "AllowAnonymousAttribute")
        {
            Note(node, "authority-check-off", Severity.Medium, "Something may be called without signing in.");
        }
        else if (name is "DllImport" or "LibraryImport" or "UnmanagedCallersOnly" or "ModuleInitializer" or "ModuleInitializerAttribute")
        {
            Note(node, "native-code", Severity.Medium, "Native code is called, or code runs when the program is loaded.");
        }
        base.VisitAttribute(node);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        var body = (SyntaxNode?)node.ExpressionBody?.Expression ?? node.Body;
        if (Guard.IsMatch(node.Identifier.ValueText) && node.ReturnType.ToString() is "bool" or "Task<bool>" or "ValueTask<bool>"
            && AlwaysTrue(body))
        {
            Note(node, "always-yes", Severity.High, "A method whose name says that it checks something says yes without checking.");
        }
        base.VisitMethodDeclaration(node);
    }

    public override void VisitUnsafeStatement(UnsafeStatementSyntax node)
    {
        Note(node, "native-code", Severity.Medium, "Code that the runtime does not check is added.");
        base.VisitUnsafeStatement(node);
    }

    public override void VisitTrivia(SyntaxTrivia trivia)
    {
        if (trivia.GetStructure() is PragmaWarningDirectiveTriviaSyntax pragma
            && pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword)
            && (pragma.ErrorCodes.Count == 0 || pragma.ErrorCodes.Any(code => Calls.IsSecurityRule(code.ToString()))))
        {
            Note(pragma, "suppression", Severity.Medium, "An analyser's security rule is silenced in the change itself.");
        }
        if (trivia.IsKind(SyntaxKind.EndOfLineTrivia) && trivia.ToFullString() is not ("\n" or "\r\n")
            && trivia.Token.Parent is { } parent)
        {
            Note(parent, "comment-desync", Severity.High,
                "The compiler ends a line where an editor does not, so what reads as a comment may be live code.");
        }
        base.VisitTrivia(trivia);
    }

    private void NoteSecret(SyntaxNode node, string name, ExpressionSyntax? value)
    {
        if (value is LiteralExpressionSyntax { Token.Value: string text } && SecretName.IsMatch(name)
            && Credentials.IsCredential(name, text))
        {
            Note(node, "hard-coded-credential", Severity.Medium,
                "A text that looks like a credential is assigned in code; keep it in the secret store.");
        }
    }

    private void NoteFixedPassword(SyntaxNode node, ExpressionSyntax name, ExpressionSyntax value)
    {
        if (value is LiteralExpressionSyntax { Token.Value: string { Length: > 3 } text } && !text.Contains(' ', StringComparison.Ordinal)
            && LastName(name) is var last && SecretName.IsMatch(last)
            && (last.Contains("pass", StringComparison.OrdinalIgnoreCase) || text.Any(char.IsAsciiDigit) || text.Length >= 12))
        {
            Note(node, "fixed-password", Severity.High, "A password, key or token is compared with a text in the code.");
        }
    }

    private static bool AlwaysTrue(SyntaxNode? body) => body switch
    {
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.TrueLiteralExpression),
        BlockSyntax { Statements: [ReturnStatementSyntax { Expression: { } value }, ..] } => AlwaysTrue(value),
        InvocationExpressionSyntax { ArgumentList.Arguments: [var only] } call when LastName(call.Expression) == "FromResult" =>
            AlwaysTrue(only.Expression),
        _ => false,
    };

    private static string LastName(SyntaxNode node) => node switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => "",
    };

    private void Note(SyntaxNode node, string rule, Severity severity, string message)
    {
        if (Findings.Count < FindingsKept && changed.Touched(node) is { } line)
        {
            Findings.Add(new("csharp-" + rule, _test ? Severity.Low : severity, file.Path.Shown(), line, message));
        }
    }
}
