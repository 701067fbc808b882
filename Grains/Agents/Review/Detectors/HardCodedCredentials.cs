using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Added lines that hold a credential. No finding ever holds any part of it.</summary>
public sealed class HardCodedCredentials : IDetector
{
    private const int FindingsPerFile = 20;

    private static readonly Regex KnownForm = Linear.Exact(string.Join('|',
        """\b(AKIA|ASIA|AROA|AIDA)[A-Z2-7]{16}\b""", """\bgh[pousr]_[A-Za-z0-9]{36,}""", """\bgithub_pat_[A-Za-z0-9_]{40,}""",
        """\bglpat-[A-Za-z0-9_-]{20,}""",
        """\bxox[abeoprs]-[A-Za-z0-9-]{10,}""", """hooks\.slack\.com/services/T\w+/B\w+/\w{16,}""",
        """discord(app)?\.com/api/webhooks/\d+/[\w-]{40,}""",
        """\bsk-(ant|proj|svcacct|or)-[A-Za-z0-9_-]{20,}""", """\bsk-[A-Za-z0-9]{40,}""", """\bAIza[A-Za-z0-9_-]{35}""",
        """\bya29\.[A-Za-z0-9_-]{20,}""",
        """\bnpm_[A-Za-z0-9]{36}""", """\bpypi-AgE[A-Za-z0-9_-]{40,}""", """\bdo[opr]_v1_[a-f0-9]{64}""",
        """\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}""",
        """\b[sr]k_live_[A-Za-z0-9]{16,}""", """\bwhsec_[A-Za-z0-9]{24,}""", """\bhvs\.[A-Za-z0-9_-]{24,}""", """\bhf_[A-Za-z0-9]{30,}""",
        """\bdapi[a-f0-9]{32}\b""",
        """\bshp(at|ca|pa|ss)_[a-fA-F0-9]{32}""", """\bAGE-SECRET-KEY-1[A-Z0-9]{50,}""", """\b\d{8,10}:AA[A-Za-z0-9_-]{32,}""",
        """\bAccountKey=[A-Za-z0-9+/=]{40,}""",
        """\bglsa_[A-Za-z0-9]{32}_""", """\bATATT3[A-Za-z0-9_=-]{100,}""", """\boy2[a-z0-9]{43}\b""",
        """\bdckr_pat_[A-Za-z0-9_-]{20,}"""));

    private static readonly Regex PrivateKey = Linear.Exact(
        """-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----|PuTTY-User-Key-File-\d""");

    private static readonly Regex Bearer = Linear.Exact("""\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}""");

    private static readonly Regex InAddress = Linear.Exact(
        """\b[a-z][a-z0-9+.-]*://[^\s:/@'"$<{%]+:(?<value>[^\s:/@'"$<{%]{4,})@[A-Za-z0-9]""");

    private static readonly Regex Assigned = Linear.Regex(
        """\b(?<name>[\w.-]*(password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|"""
        + """signing[_-]?key|encryption[_-]?key|credential|auth[_-]?key|client[_-]?secret)[\w-]*)["'\]]*\s*(=>|:=|=|"""
        + """:)\s*(?<q>b?["'`])(?<value>[^"'`]{4,})["'`]""");

    private static readonly Regex AssignedBare = Linear.Regex(
        """^\s*(export\s+|ENV\s+|ARG\s+|-\s+|set\s+)?["']?(?<name>[\w.-]*(password|passwd|pwd|passphrase|secret|token|"""
        + """api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret)[\w-]*)["']?\s*[=:]\s*(?<value>[^\s"'`#;,]{6,})\s*$""");

    private static readonly Regex InConnection = Linear.Regex(
        """\b(password|pwd)\s*=\s*(?<value>[^;"'\s{$<%]{4,});?.*|;\s*(password|pwd)\s*=\s*(?<value>[^;"'\s{$<%]{4,})""");

    private static readonly Regex NotSecret = Linear.Regex("""public_?key|cancellation_?token|tokeni[sz]er|_?id$|_?name$|_?path$|_?url$""");

    private const Languages Bare = Languages.Settings | Languages.Yaml | Languages.Shell | Languages.Dockerfile | Languages.Unknown;

    public IEnumerable<Finding> InFile(ReadFile file) => file.Added
        .Select(line => Judge(file, line)).OfType<Finding>().AtMost(FindingsPerFile);

    private static Finding? Judge(ReadFile file, SourceLine line)
    {
        var text = line.Text;
        if (text.Length < 8)
        {
            return null;
        }
        if (PrivateKey.IsMatch(text))
        {
            return file.Find("hard-coded-credential", Severity.High, line.Number,
                "A private key is in the change; revoke it, and keep it in the secret store.");
        }
        var known = KnownForm.Match(text);
        if (known.Success)
        {
            return file.Find("hard-coded-credential", Placeholders.Is(known.Value) ? Severity.Low : Severity.High, line.Number,
                "A credential of a well-known form is in the change; revoke it, and keep it in the secret store.");
        }
        if (text.Contains("eyJ", StringComparison.Ordinal) && Bearer.IsMatch(text))
        {
            return file.Find("hard-coded-credential", Severity.Medium, line.Number, "A signed token is in the change.");
        }
        return Assignment(file, line);
    }

    private static Finding? Assignment(ReadFile file, SourceLine line)
    {
        var text = line.Text;
        var address = text.Contains("://", StringComparison.Ordinal) ? InAddress.Match(text) : Match.Empty;
        if (address.Success)
        {
            return Weigh(file, line, "", address.Groups["value"].Value, certain: true);
        }
        if (!SecretNames.Any(name => text.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }
        var assigned = Assigned.Match(text);
        assigned = assigned.Success || (file.Language & Bare) == 0 ? assigned : AssignedBare.Match(text);
        if (assigned.Success)
        {
            return Weigh(file, line, assigned.Groups["name"].Value, assigned.Groups["value"].Value, certain: false);
        }
        var connection = text.Contains(';', StringComparison.Ordinal) && file.Language != Languages.Prose ? InConnection.Match(text)
            : Match.Empty;
        return connection.Success && text.Contains('=', StringComparison.Ordinal) && text.Contains('"', StringComparison.Ordinal)
            ? Weigh(file, line, "password", connection.Groups["value"].Value, certain: true) : null;
    }

    private static Finding? Weigh(ReadFile file, SourceLine line, string name, string value, bool certain)
    {
        if (NotSecret.IsMatch(name) || Placeholders.Is(value) || Placeholders.IsNameLike(name, value) && !certain)
        {
            return null;
        }
        var random = value.Length >= 12 && Placeholders.Entropy(value) >= 3.2 && value.Any(char.IsAsciiDigit)
            && value.Any(char.IsAsciiLetter)
            && !value.Contains(' ', StringComparison.Ordinal);
        var severity = file.IsTest ? Severity.Low : random && file.Language != Languages.Prose ? Severity.High : Severity.Medium;
        return file.Find("hard-coded-credential", severity, line.Number,
            "A text that looks like a credential is written into the change; keep it in the secret store and refer to it.");
    }

    private static readonly string[] SecretNames = ["pass", "pwd", "secret", "token", "key", "credential"];
}
