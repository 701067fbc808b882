using System.Collections.Immutable;
using static Maestro.Agents.Review.Languages;
using static Maestro.Evidence.Severity;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Commands that are dangerous wherever a line may be handed to a shell.</summary>
internal static class DangerousCommandRules
{
    public static ImmutableArray<LineRule> All { get; } =
    [
        new("reverse-shell", Critical, Code, "/dev/tcp/ /dev/udp/", """/dev/(tcp|udp)/""",
            "A network device of the shell is opened; this is how a reverse shell calls home."),
        new("reverse-shell", Critical, Code, "nc ncat netcat socat",
            """(^|[^\w-])(nc|ncat|netcat)(\.exe)?['"]?,?\s([^|;&]*(\s|['"]))?(-\w*[ec]|--exec|--sh-exec)\b|\bsocat\b.*\bexec:""",
            "A network tool is told to run a program for its peer, as a reverse shell does."),
        new("reverse-shell", Critical, Code, "dup2 pty.spawn TCPClient mkfifo",
            """dup2\(\s*\w+\.fileno\(\)|pty\.spawn\(|Net\.Sockets\.TCPClient.*(Stream|iex)|mkfifo\b.*\b(sh|bash|nc)\b""",
            "A terminal or a shell is tied to a socket, as a reverse shell does."),
        new("download-and-run", High, Code, "curl wget fetch",
            """\b(curl|wget|fetch)\b[^;\n]*\|\s*(sudo\s+(-\w+\s+)*)?(/\S*/)?(env\s+)?(ba|z|k|da|a)?sh\b|\b(curl|"""
            + """wget)\b[^;\n]*\|\s*(sudo\s+)?(python|perl|ruby|node|php)[0-9.]*\b""",
            "Something is downloaded and run without being checked; pin it and verify its digest."),
        new("download-and-run", High, Code, "curl wget",
            """\b(ba|z|k|da)?sh\s+(-c\s+)?["']?(<\(|\$\(|`)\s*(curl|wget)\b|\beval\b.*\b(curl|wget)\b|(source|\.)\s+<\(\s*(curl|"""
            + """wget)\b""",
            "Something is downloaded and run without being checked; pin it and verify its digest."),
        new("download-and-run", High, Code, "iex Invoke-Expression DownloadString certutil bitsadmin mshta regsvr32",
            """(iex|invoke-expression)\b.*(download|invoke-webrequest|\biwr\b|irm\b)|downloadstring\(.*\|\s*iex|(\biwr\b|\birm\b|"""
            + """invoke-(webrequest|restmethod)).*\|\s*(iex|invoke-expression)|\bmshta\s+https?:|\bregsvr32\b.*https?:|"""
            + """certutil\b.*-urlcache""",
            "Something is downloaded and run without being checked."),
        new("decode-and-run", High, Code, "base64 xxd openssl",
            """base64['"]?\s+(-d|--decode|-D)\b.*\|\s*(sudo\s+)?(ba|z|k|da)?sh\b|\beval\b.*base64\b|\|\s*(xxd\s+-r|openssl\s+(enc|"""
            + """base64)).*\|\s*(ba|z|k|da)?sh\b|base64\s+(-d|--decode|-D)\b.*\|\s*(python|perl|ruby|node|php)""",
            "Encoded text is decoded and run, which hides from a reader what runs."),
        new("decode-and-run", High, Code, "-enc FromBase64String",
            """\b(powershell|pwsh)(\.exe)?\b.*\s-e(nc|ncodedcommand)?\s+\S{8,}|(iex|invoke-expression)\b.*frombase64string""",
            "Encoded text is decoded and run, which hides from a reader what runs."),
        new("cloud-metadata", High, Code, "169.254.169.254 metadata.google 169.254.170.2 fd00:ec2 0xa9fea9fe 2852039166 100.100.100.200",
            """169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal|fd00:ec2::254|0xa9fea9fe|\b2852039166\b|"""
            + """100\.100\.100\.200""",
            "The cloud's metadata address is named; credentials of the machine are read from there.", Medium),
        new("persistence", High, Code, "authorized_keys", """authorized_keys""",
            "The keys that may log in over SSH are touched.", Medium),
        new("persistence", High, Code, "crontab cron",
            """>>?\s*/(etc|var/spool)/cron|\|\s*crontab\b|/etc/cron\.(d|daily|hourly|weekly)/\S|crontab\s+-(\s|$)""",
            "A scheduled job is installed from within the change."),
        new("persistence", Medium, Code, ".bashrc .profile .zshrc ld.so.preload /etc/sudoers /etc/passwd /etc/shadow LD_PRELOAD",
            """>>?\s*\S*(\.bashrc|\.profile|\.zshrc|\.bash_profile)|/etc/(ld\.so\.preload|sudoers|passwd|shadow)\b|\bLD_PRELOAD=""",
            "Files that decide who may log in or what runs at login are touched."),
        new("environment-dump", High, Code, "env printenv environ",
            """\b(env|printenv|set)\b\s*\|.*\b(curl|wget|nc|base64|openssl|xxd)\b|\b(curl|wget|nc)\b.*(\$\(\s*(env|printenv)\b|"""
            + """`\s*(env|printenv)\b|/proc/(self|\d+|\$\$)/environ)""",
            "The whole environment, secrets included, is encoded or sent away."),
        new("environment-dump", Medium, Code, "/environ printenv",
            """/proc/(self|[0-9]+|\$\$|\*)/environ|^\s*(run:\s*|-\s*)?(env|printenv)\s*$""",
            "The whole environment, secrets included, is read or printed."),
        new("exfiltration", High, Code, "curl wget nc scp",
            """\b(curl|wget)\b.*\s(-d|-F|-T|--data\S*|--form|--upload-file|--post-(data|file))[\s=].*(id_rsa|\.ssh/|\.aws/|\.kube/|"""
            + """/etc/(passwd|shadow)|\.netrc|\.npmrc|\.docker/config|\$\{?\w*(TOKEN|SECRET|PASSWORD|API_?KEY))""",
            "Credentials or key files are sent to another machine."),
        new("exfiltration", High, Code, "webhook.site requestbin pipedream.net burpcollaborator oast. interact.sh ngrok. dnslog.",
            """webhook\.site|requestbin|pipedream\.net|burpcollaborator|\boast\.(pro|live|fun|me|site|online)|interact\.sh|dnslog\.|"""
            + """https?://\S*ngrok[\w.-]*""",
            "A service that collects what is sent to it is named."),
        new("destructive-command", High, Code, "rm mkfs dd",
            """\brm\s+(-\w+\s+)*-?\w*[rR]\w*\s+(-\w+\s+)*(--no-preserve-root\s+)?(/|~|\$HOME|/\*)(\s|$|["';])|\bmkfs\.\w+\s+/dev/|"""
            + """\bdd\b.*\bof=/dev/(sd|nvme|hd|vd)""",
            "A command destroys the file system it runs on."),
        new("destructive-command", Medium, Code | Sql, "drop truncate", """\bdrop\s+(database|schema)\b|\btruncate\s+table\b""",
            "Data is thrown away for good."),
        new("mining", High, Code, "stratum+ xmrig minerd cryptonight", """stratum\+(tcp|ssl)://|\bxmrig\b|\bminerd\b|cryptonight""",
            "A miner of crypto currency is named."),
        new("privileged", Medium, Code, "privileged docker.sock hostPID hostNetwork cap SYS_ADMIN hostPath",
            """--privileged\b|privileged:\s*true|docker\.sock|host(PID|Network|IPC):\s*true|--cap-add[= ]?(ALL|SYS_ADMIN)|"""
            + """\bSYS_ADMIN\b""",
            "A container is given power over its host."),
        new("privileged", Medium, Commands, "chmod NOPASSWD setcap",
            """\bchmod\s+(-R\s+)?(0?777|a\+rwx|[ug]*\+s|[24]7\d\d)\b|NOPASSWD|\bsetcap\b""",
            "Rights on files or accounts are widened."),
    ];
}
