using System.Collections.Immutable;
using Maestro.Evidence;
using static Maestro.Agents.Review.Languages;
using static Maestro.Evidence.Severity;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Added lines that switch a check off: of certificates, of authority, of tests, of analysers, of health.</summary>
public sealed class DisabledChecks : IDetector
{
    private static readonly RuleSet Rules = new(Table());

    public IEnumerable<Finding> InFile(ReadFile file) => Rules.InAdded(file);

    private static ImmutableArray<LineRule> Table() =>
    [
        new("certificate-check-off", High, Code,
            "verify CERT_NONE rejectUnauthorized NODE_TLS InsecureSkipVerify ServerCertificate DangerousAccept VERIFY_NONE SSL_VERIFY"
                + " TrustAll HostnameVerifier curl wget sslVerify unverified",
            """\bverify\s*=\s*False\b|(verify_mode|cert_reqs)["']?\s*[=:]\s*["']?(ssl\.)?(VerifyMode\.)?CERT_NONE|"""
            + """_create_unverified_context|check_hostname\s*=\s*False|rejectUnauthorized["']?\s*:\s*false|"""
            + """NODE_TLS_REJECT_UNAUTHORIZED["'\]]*\s*[=:]\s*["']?0|InsecureSkipVerify\s*:\s*true|"""
            + """DangerousAcceptAnyServerCertificateValidator|ServerCertificate\w*Callback\s*(\+?=|:)\s*.*(=>\s*true|return\s+true)|"""
            + """VERIFY_NONE|(CURLOPT_SSL_VERIFY(PEER|HOST))\D*,?\s*(0|false)|TrustAll\w*|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME|"""
            + """http\.?sslVerify["']?[\s=,:]+["']?false|\bverify_ssl\s*[=:]\s*(False|false)|strict-ssl\s*=\s*false""",
            "The check of certificates is switched off, so anybody between can answer.", Medium),
        new("certificate-check-off", Medium, Commands, "curl wget no-check-certificate insecure StrictHostKeyChecking trusted-host",
            """\bcurl\b.*\s(-\w*k\w*|--insecure)(\s|$)|--no-check-certificate|StrictHostKeyChecking[= ]no|--trusted-host|"""
            + """--insecure-skip-tls-verify|--allow-unauthenticated|--nogpgcheck""",
            "The check of certificates or signatures is switched off for a download."),
        new("authority-check-off", High, CSharp | Java | Python | JavaScript, "AllowAnonymous permitAll AllowAny csrf",
            """\banyRequest\(\)\s*\.permitAll|@csrf_exempt|csrf\(\)\s*\.disable\(\)|csrf\s*\(?\s*.*::disable|"""
            + """csrf(Protection)?\s*[:=]\s*false|WTF_CSRF_ENABLED\s*=\s*False|IgnoreAntiforgeryToken|DisableAntiforgery\(""",
            "The check of forged requests, or of who may call, is switched off.", Low),
        new("authority-check-off", Medium, CSharp | Java | Python, "AllowAnonymous permitAll AllowAny PermitAll",
            """\bAllowAnonymous\b|\.permitAll\(\)|\bAllowAny\b|@PermitAll""", "Something may be called without signing in.", Low),
        new("authority-check-off", Medium, Code, "auth security acl",
            """\b(disable|skip|bypass|no)[_-]?auth\w*["']?\s*[:=]\s*["']?(true|1|yes)\b|\b(auth\w*|security|acl)[_.-]?(enabled|"""
            + """required|check)["']?\s*[:=]\s*["']?(false|0|no|off)\b|\brequire[_-]?auth\w*["']?\s*[:=]\s*["']?(false|0|no)\b""",
            "A setting switches the check of who may call off.", Low),
        new("token-check-off", High, Code, "verify_signature Validate Require none alg",
            """verify_signature["']?\s*[:=]\s*(False|false)|(ValidateIssuerSigningKey|ValidateLifetime|ValidateIssuer|"""
            + """ValidateAudience|RequireSignedTokens|RequireExpirationTime)\s*=\s*false|algorithms?["']?\s*[:=]\s*\[?\s*["']none["']|"""
            + """jwt\.decode\(.*verify\s*=\s*False|alg["']?\s*:\s*["']none["']""",
            "The check of signed tokens is weakened.", Medium),
        new("test-skipped", Medium, Code, "skip ignore disabled xit xdescribe fdescribe xfail only pending",
            """\[\s*(Fact|Theory)\s*\(.*\bSkip\s*=|^\s*\[Ignore|@Disabled\b|@Ignore\b|@(pytest\.mark|unittest)\.(skip|xfail)|\b(it|"""
            + """test|describe|context)\.(skip|only)\s*\(|(^|\s)(xit|xdescribe|xtest|fdescribe|fit)\s*\(|\bt\.Skip(Now|f)?\s*\(|"""
            + """pytest\.skip\s*\(|markTestSkipped""",
            "A test is skipped, or all others are."),
        new("test-skipped", Medium, Code, "DskipTests passWithNoTests --no-verify no-test maven.test.skip",
            """-DskipTests|maven\.test\.skip|--passWithNoTests|--no-verify\b|HUSKY=0|HUSKY_SKIP""",
            "Tests or hooks are skipped by an option."),
        new("failure-ignored", Medium, Commands, "continue-on-error allow_failure || exit",
            """continue-on-error:\s*true|allow_failure:\s*true|\b(test|lint|check|audit|scan|verify|pytest|jest|trivy|gitleaks|"""
            + """semgrep|bandit)\b.*\|\|\s*(true|:|exit\s+0)""",
            "A failing step of the checks no longer fails the whole."),
        new("suppression", Medium, Code,
            "nosec noqa NOLINT eslint-disable pragma SuppressMessage SuppressWarnings nosemgrep codeql gosec skipcq NuGetAudit NoWarn"
                + " checkov tfsec trivy:ignore gitleaks:allow brakeman",
            """#\s*nosec\b|noqa:.*\bS\d{3}|#\s*noqa\s*$|nolint:.*gosec|nosemgrep|\bskipcq\b|lgtm\s*\[|codeql\[|#nosec|"""
            + """pragma\s+warning\s+disable\s+.*\b(CA(2[13]|30|53|54)\d\d|SCS\d|SEC\d|SYSLIB\d|S\d{4})|"""
            + """SuppressMessage\s*\(\s*"(\w*\.)*Security|eslint-disable(-next-line|-line)?\s+.*(security|no-eval|no-implied-eval|"""
            + """no-new-func)|/\*\s*eslint-disable\s*\*/|<NuGetAudit>\s*false|checkov:skip|tfsec:ignore|trivy:ignore|gitleaks:allow""",
            "An analyser's security rule is silenced in the change itself.", Low),
        new("suppression", Low, Code, "pragma eslint-disable noqa ts-ignore ts-nocheck SuppressWarnings type: nolint NoWarn rubocop",
            """pragma\s+warning\s+disable|eslint-disable|\bnoqa\b|@ts-(ignore|nocheck)|@SuppressWarnings|type:\s*ignore|nolint|"""
            + """<NoWarn>|rubocop:disable""",
            "An analyser's rule is silenced."),
        new("health-check-weakened", Medium, Commands, "HEALTHCHECK livenessProbe readinessProbe healthcheck",
            """HEALTHCHECK\s+NONE|HEALTHCHECK\b.*(\|\|\s*(true|exit\s+0)|CMD\s+(\[?"?true"?\]?|exit 0)\s*$)|"""
            + """healthcheck:\s*(\{\s*)?disable:\s*true|test:\s*\[?\s*"?(NONE|true)"?""",
            "A health check is switched off, or always succeeds."),
        new("open-to-all", Medium, Commands | CSharp | JavaScript | Python | Java,
            "0.0.0.0/0 ::/0 Access-Control AllowAnyOrigin cors public-read Principal",
            """["'\s=\[]0\.0\.0\.0/0|["'\s=\[]::/0|Access-Control-Allow-Origin["']?\s*[,:]\s*["']\*|AllowAnyOrigin\(|"""
            + """\bacl\s*=\s*"public-read|"Principal"\s*:\s*"[*]"\s?""",
            "Something is opened to everybody.", Low),
        new("logging-off", Medium, Code, "audit",
            """\b(disable|skip|no)[_-]?audit\w*["']?\s*[:=]\s*["']?(true|1|yes)\b|\baudit\w*[_.-]?(enabled|"""
            + """log\w*)["']?\s*[:=]\s*["']?(false|0|off)\b""",
            "The audit trail is switched off."),
    ];
}
