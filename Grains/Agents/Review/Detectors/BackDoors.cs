using System.Buffers;
using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Added lines that let somebody in: a password in the code, a magic header, a check that always says yes.</summary>
public sealed class BackDoors : IDetector
{
    private const int FindingsPerFile = 20;

    /// <summary>One of these is in every line that a pattern below can match.</summary>
    private static readonly SearchValues<string> Hints = SearchValues.Create(
        [
            "pass", "pwd", "secret", "token", "key", "pin", "otp", "user", "login", "email", "account", "header", "query", "cookie",
                "param", "args", "form",
            "remote", "x_", "true", "return", "1",
        ], StringComparison.OrdinalIgnoreCase);

    private static readonly Regex FixedPassword = Linear.Regex(
        """\b\w*(password|passwd|pwd|passphrase)\w*(\[[^\]]*\]|\(\s*\)|\.value)?["'\])]*\s*(===?|\bis\b|"""
        + """\beq\b)\s*\$?["'`][^"'`\s]{3,}["'`]|"""
        + """["'`][^"'`\s]{3,}["'`]\s*===?\s*\$?(\w+\.)*\w*(password|passwd|pwd|passphrase|api_?key)\w*|"""
        + """\b\w*(password|passwd|pwd|passphrase|secret|api_?key|token)\w*\.equals(ignorecase)?\s*\(\s*"[^"\s]{3,}"|"""
        + """\x22[^"\s]{3,}"\.equals(ignorecase)?\s*\(\s*\w*(password|passwd|pwd|secret|token)\w*\)|"""
        + """compare_digest\(\s*\w*(password|token|secret)\w*\s*,\s*b?["'][^"']+["']""");

    private static readonly Regex FixedToken = Linear.Regex(
        """\b\w*(secret|token|api_?key|pin_?code|otp)\w*(\[[^\]]*\]|\(\s*\)|\.value)?["'\])]*\s*(===?|\bis\b|\beq\b)\s*\$?["'`]"""
        + """([^"'`\s]*[0-9][^"'`\s]{3,}|[^"'`\s]{3,}[0-9][^"'`\s]*|[^"'`\s]{12,})["'`]""");

    private static readonly Regex FixedVisitor = Linear.Regex(
        """\b(user_?name|login|user|email|account|header\w*|headers?|query|cookies?|params|args|form|get_?header|remote_?(addr|"""
        + """ip)\w*|x_\w+)\b.*(===?|\.equals\(|\beq\b|\bin\b)\s*\(?\s*["'`][^"'`]+["'`]|["'`][^"'`]+["'`]\s*===?.*\b(headers?|"""
        + """query|cookies?|params|args|form)\b""");

    private static readonly Regex Grants = Linear.Regex(
        """\breturn\s+(\(?\s*true|1\b|next\(\)|Ok\(|AuthenticateResult\.Success)|\b(is_?)?(admin|auth\w*|logged_?in|superuser|"""
        + """allowed|authori[sz]ed)\w*\s*=\s*(true|1)\b|context\.Succeed\(|sign_?in|login_?user|grant\w*\(|role\s*=\s*["']?(admin|"""
        + """root)|=>\s*true""");

    private static readonly Regex Guard = Linear.Regex(
        """\b\w*(is_?(admin|auth\w*|authenticated|authori[sz]ed|allowed|trusted|owner|superuser|valid_?(token|password|signature|"""
        + """user|session|login|cert\w*|licen\w*|request))|authori[sz]e|authenticate|verify|validate|check_?(auth|perm|access|"""
        + """password|token|signature|role|credential|login)|has_?(access|permission|role|scope)|can_?(access|delete|manage|"""
        + """approve))\w*\s*[(=:]""");

    private static readonly Regex Declares = Linear.Regex(
        """^\s*(export\s+)?(default\s+)?(public|private|protected|internal|static|async|override|virtual|sealed|def|func|fn|"""
        + """function|fun|bool|boolean|const|let|var|@\w+|Task<bool>|ValueTask<bool>|\w+\s*\([^)]*\)\s*\{)""");

    private static readonly Regex SaysYes = Linear.Regex(
        """^\s*\{?\s*return\s+(true|1|Task\.FromResult\(true\)|ValueTask\.FromResult\(true\)|nil|"""
        + """new\s+ValueTask<bool>\(true\))\s*;?\s*\}?\s*$""");

    private static readonly Regex SaysYesInline = Linear.Regex(
        """(=>\s*(Task\.FromResult\(|ValueTask\.FromResult\()?true\)?\s*;?\s*,?$)|(\{\s*return\s+true;?\s*\}\s*;?\s*$)|"""
        + """(:\s*return\s+True\s*$)|(lambda[^:]*:\s*True\s*\)?$)""");

    private static readonly Regex Shortcut = Linear.Regex(
        """\b(if|elif|unless|when)\b.*(\|\|\s*(true|1)\s*\)|\bor\s+(True|1)\s*:|\(\s*(true|1)\s*\|\|)""");

    public IEnumerable<Finding> InFile(ReadFile file)
    {
        if ((file.Language & (Languages.Prose | Languages.Json | Languages.Yaml | Languages.Settings | Languages.Xml)) != 0)
        {
            yield break;
        }
        var left = FindingsPerFile;
        for (var at = 0; at < file.New.Length && left > 0; at++)
        {
            if (file.New[at].Changed && file.New[at].Text.AsSpan().ContainsAny(Hints)
                && !Comments.IsComment(file.New[at].Text, file.Language) && Judge(file, at) is { } finding)
            {
                left--;
                yield return finding;
            }
        }
    }

    private static Finding? Judge(ReadFile file, int at)
    {
        var line = file.New[at];
        var severity = file.IsTest ? Severity.Low : Severity.High;
        return (FixedPassword.IsMatch(line.Text) || FixedToken.IsMatch(line.Text))
            && !line.Text.Contains("type", StringComparison.OrdinalIgnoreCase)
            ? file.Find("fixed-password", severity, line.Number, "A password, key or token is compared with a text in the code.")
            : FixedVisitor.IsMatch(line.Text) && GrantsWithin(file, at)
            ? file.Find("back-door", severity, line.Number, "A name, header or parameter with a fixed value is let in.")
            : AlwaysYes(file, at)
            ? file.Find("always-yes", severity, line.Number,
            "A function whose name says that it checks something says yes without checking.")
            : Shortcut.IsMatch(line.Text)
            ? file.Find("always-yes", severity, line.Number, "A condition is made to hold always.")
            : null;
    }

    private static bool GrantsWithin(ReadFile file, int at)
    {
        for (var i = at; i < Math.Min(file.New.Length, at + 4); i++)
        {
            if (Grants.IsMatch(file.New[i].Text))
            {
                return true;
            }
        }
        return false;
    }

    private static bool AlwaysYes(ReadFile file, int at)
    {
        var text = file.New[at].Text;
        if (SaysYesInline.IsMatch(text))
        {
            var name = text.AsSpan(0, SaysYesName(text));
            return Guard.IsMatch(name) && Declares.IsMatch(name);
        }
        if (!SaysYes.IsMatch(text))
        {
            return false;
        }
        for (var i = at - 1; i >= Math.Max(0, at - 6); i--)
        {
            var before = file.New[i].Text.Trim();
            if (before is "" or "{" || before.StartsWith("\"\"\"", StringComparison.Ordinal) || Comments.IsComment(before, file.Language))
            {
                continue;
            }
            return Guard.IsMatch(before) && !before.StartsWith("if", StringComparison.Ordinal) && Declares.IsMatch(before);
        }
        return false;
    }

    private static int SaysYesName(string text)
    {
        var arrow = text.LastIndexOf("=>", StringComparison.Ordinal);
        var brace = text.LastIndexOf('{');
        return arrow > 0 ? arrow : brace > 0 ? brace : text.Length;
    }
}
