using System.Collections.Immutable;
using static Maestro.Agents.Review.Languages;
using static Maestro.Evidence.Severity;

namespace Maestro.Agents.Review.Detectors;

/// <summary>Calls of programming languages that run text, start processes or make objects out of what a stranger sent.</summary>
internal static class DangerousCodeRules
{
    /// <summary>What comes from outside, in the usual frameworks.</summary>
    private const string Input =
        """(request|req|params|query|input|argv|args|body|headers?|cookies?|form|stdin|_get|_post|_request|_cookie|_server|"""
        + """user_?input|payload)""";

    private const string RunsInput = "Text from a request is run as code or as a command: whoever sends it decides what runs.";

    private const string Evaluates = "Text is run as code at run time, so reading the change does not show what runs.";

    private const string Starts = "A process is started.";

    private const string StartsShell = "A process is started through a shell, with a text that is put together at run time.";

    private const string Deserialises = "A deserialiser that can make any object, and so run code, is used.";

    public static ImmutableArray<LineRule> All { get; } =
    [
        new("runs-input", High, Code,
            "eval exec system popen spawn shell_exec passthru Function compile Process subprocess ProcessBuilder assert",
            """(\beval|\bexec\w*|\bsystem|\bpopen|\bspawn\w*|\bshell_exec|\bpassthru|\bnew\s+function|process\.start|subprocess\.\w+|"""
            + $$"""exec\.command|getruntime\(\)\.exec|processbuilder|proc_open|\bassert)\s*\(.*\b{{Input}}s?(\.|\[|\(|\$|->|"|')""",
            RunsInput, Medium),
        new("runs-input", High, Php, "$_",
            """(eval|assert|system|exec|passthru|shell_exec|popen|proc_open|include|require|include_once|require_once|"""
            + """create_function|preg_replace|call_user_func\w*)\b\s*\(?[^;]*\$_(get|post|request|cookie|server)|`[^`]*\$_(get|post|"""
            + """request|cookie)|\$_(get|post|request|cookie)\[[^\]]+\]\s*\(""",
            RunsInput),
        new("decode-and-run", High, Code, "eval exec Function Assembly.Load",
            """(\beval|\bexec|new\s+function|assembly\.load)\s*\(.*(atob|base64|b64decode|fromcharcode|unhexlify|bytes\.fromhex|"""
            + """codecs\.decode|zlib|gzinflate|str_rot13|buffer\.from|marshal\.loads|frombase64string|decode\()""",
            "Encoded text is decoded and run, which hides from a reader what runs."),
        new("dynamic-evaluation", Medium, JavaScript, "eval Function vm. setTimeout setInterval",
            """(^|[^\w.$])eval\s*\(|\bnew\s+Function\s*\(|\bvm\.(runIn\w+|Script|compileFunction)|\bset(Timeout|"""
            + """Interval)\s*\(\s*['"`]""", Evaluates),
        new("dynamic-evaluation", Medium, Python, "eval exec compile __import__",
            """(^|[^\w.])(eval|exec)\s*\(|(^|[^\w.])compile\s*\(.*['"]exec['"]|__import__\s*\(""", Evaluates),
        new("dynamic-evaluation", Medium, Ruby, "eval send",
            """\b(instance_eval|class_eval|module_eval|eval)\b\s*[(\s"']|\.(public_)?send\s*\(\s*params""", Evaluates),
        new("dynamic-evaluation", Medium, Php, "eval assert create_function preg_replace",
            """\beval\s*\(|\bassert\s*\(\s*['"$]|create_function\s*\(|preg_replace\s*\(\s*['"]/.*/\w*e\w*['"]""", Evaluates),
        new("dynamic-evaluation", Medium, Java, "ScriptEngine defineClass URLClassLoader GroovyShell SpelExpression",
            """ScriptEngineManager|\bdefineClass\s*\(|new\s+URLClassLoader|GroovyShell|SpelExpressionParser""", Evaluates),
        new("dynamic-evaluation", Medium, Go, "plugin.Open", """\bplugin\.Open\s*\(""", Evaluates),
        new("dynamic-evaluation", Medium, CSharp,
            "Assembly.Load CSharpScript Reflection.Emit DynamicMethod CSharpCodeProvider UnsafeLoadFrom",
            """Assembly\.(Load\w*|UnsafeLoadFrom)\s*\(|CSharpScript\.|Reflection\.Emit|new\s+DynamicMethod|CSharpCodeProvider""",
            Evaluates),
        new("dynamic-evaluation", Medium, Shell, "eval", """(^|[;&|]\s*|\s)eval\s+["'$`]""", Evaluates),
        new("dynamic-evaluation", Medium, PowerShell, "iex Invoke-Expression Add-Type",
            """\b(iex|invoke-expression)\b|add-type\s+-typedefinition""", Evaluates),

        new("process-start-shell", High, Python, "shell=True os.system os.popen",
            """shell\s*=\s*True.*(\{\w|\+|%\s|format\()|(f["'].*\{|["']\s*\+|\+\s*["']|%\s*\w|format\().*shell\s*=\s*True|"""
            + """os\.(system|popen)\s*\(\s*(f["']|["'][^"']*["']\s*(\+|%|\.format)|\w+\s*\+)""",
            StartsShell, Medium),
        new("process-start", Medium, Python, "os.system os.popen subprocess pty. os.exec os.spawn commands.getoutput",
            """\bos\.(system|popen|exec\w+|spawn\w+)\s*\(|\bsubprocess\.(run|Popen|call|check_\w+|getoutput|getstatusoutput)\s*\(""",
            Starts, Low),
        new("process-start-shell", High, JavaScript, "exec",
            """\b(exec|execSync)\s*\(\s*(`[^`]*\$\{|["'][^"']*["']\s*\+)""", StartsShell, Medium),
        new("process-start", Medium, JavaScript, "child_process execSync spawnSync Deno.run Bun.spawn",
            """child_process|\b(execSync|spawnSync|execFileSync)\s*\(|Deno\.(run|Command)|Bun\.spawn""", Starts, Low),
        new("process-start", Medium, Go, "exec.Command syscall.Exec os.StartProcess",
            """\bexec\.Command(Context)?\s*\(|syscall\.(Exec|ForkExec)|os\.StartProcess""", Starts, Low),
        new("process-start-shell", High, Go, "exec.Command",
            """exec\.Command(Context)?\s*\(.*["'](ba)?sh["']\s*,\s*["']-c["']\s*,\s*(\w+|fmt\.|.*\+)""", StartsShell, Medium),
        new("process-start", Medium, Java, "getRuntime ProcessBuilder", """getRuntime\(\)\s*\.exec|new\s+ProcessBuilder""", Starts, Low),
        new("process-start", Medium, Ruby, "system exec popen Open3 %x spawn `",
            """(^|[^\w.])(system|exec|spawn)\s*[(\s]["']|IO\.popen|Open3\.|%x[{(\[]|Kernel\.(system|exec)|=\s*`""", Starts, Low),
        new("process-start", Medium, Php, "exec passthru popen system pcntl_exec",
            """\b(shell_exec|exec|passthru|proc_open|popen|system|pcntl_exec)\s*\(""", Starts, Low),
        new("process-start", Medium, CSharp, "Process.Start ProcessStartInfo",
            """\bProcess\.Start\s*\(|new\s+ProcessStartInfo""", Starts, Low),
        new("process-start", Medium, PowerShell, "Start-Process", """\bstart-process\b""", Starts, Low),

        new("deserialisation", High, Code, "pickle marshal.loads unserialize readObject Marshal.load yaml.load yaml.unsafe_load",
            $$"""(pickle\.loads?|marshal\.loads?|unserialize|yaml\.(unsafe_)?load)\s*\(.*(\b{{Input}}(\.|\[|\(|->)|b64decode|\.recv|"""
            + """\$_|cookie|urlopen|\.content\b)""",
            "What a stranger sent is handed to a deserialiser that can run code.", Medium),
        new("deserialisation", Medium, Python, "pickle marshal shelve dill jsonpickle yaml.load yaml.unsafe_load joblib",
            """\b(c?pickle|_pickle|dill|cloudpickle)\.(loads?|Unpickler)\s*\(|\bmarshal\.loads?\s*\(|jsonpickle\.decode|"""
            + """yaml\.(unsafe_load|full_load)\s*\(|yaml\.load\s*\([^)]*Loader\s*=\s*(yaml\.)?(Unsafe)?Loader|"""
            + """yaml\.load\s*\(\s*[^,)]+\)""",
            Deserialises, Medium),
        new("deserialisation", High, CSharp,
            "BinaryFormatter NetDataContractSerializer SoapFormatter LosFormatter ObjectStateFormatter TypeNameHandling",
            """\b(BinaryFormatter|NetDataContractSerializer|SoapFormatter|LosFormatter|ObjectStateFormatter)\b|"""
            + """TypeNameHandling\s*=\s*(\w+\.)*TypeNameHandling\.(All|Auto|Objects|Arrays)""",
            Deserialises, Medium),
        new("deserialisation", Medium, Java, "ObjectInputStream XMLDecoder XStream enableDefaultTyping SnakeYaml",
            """new\s+ObjectInputStream|\.readObject\s*\(\s*\)|new\s+XMLDecoder|new\s+XStream\s*\(|enableDefaultTyping""", Deserialises,
                Medium),
        new("deserialisation", Medium, Ruby, "Marshal.load YAML.load YAML.unsafe_load",
            """Marshal\.load\b|YAML\.(unsafe_load|load)\b""", Deserialises, Medium),
        new("deserialisation", Medium, Php, "unserialize", """\bunserialize\s*\(""", Deserialises),
        new("deserialisation", Medium, JavaScript, "node-serialize unserialize serialize-javascript",
            """node-serialize|\bunserialize\s*\(""", Deserialises, Medium),

        new("query-injection", High, Code, "select insert update delete",
            $$"""["'`]\s*(select\b[^"'`]*\bfrom|insert\s+into|update\b[^"'`]*\bset|delete\s+from)\b.*(["']\s*\+\s*\w*{{Input}}|"""
            + $$"""\$\{[^}]*\b{{Input}}|\{[^}]*\b{{Input}}[.\[(]|%\s*\(?{{Input}}|\.\s*\$_(get|post))""",
            "A query is put together from text of a request, so its sender can change what it asks.", Medium),
        new("query-concatenation", Medium, Code, "select insert update delete",
            """f["'](select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from)\b.*\{|\$@?"(select\b.*\bfrom|insert\s+into|"""
            + """update\b.*\bset|delete\s+from)\b.*\{|["'](select\b[^"']*\bfrom|insert\s+into|update\b[^"']*\bset|"""
            + """delete\s+from)\b[^"']*["']\s*(\+|%|\.\s*format)\s*\(?\w|`(select\b.*\bfrom|insert\s+into|update\b.*\bset|"""
            + """delete\s+from)\b.*\$\{""",
            "A query is put together from pieces of text; use parameters.", Low),
        new("template-injection", Medium, JavaScript, "innerHTML dangerouslySetInnerHTML document.write v-html insertAdjacentHTML",
            """\.(inner|outer)HTML\s*\+?=[^=]*[\w)]\s*;?\s*$|dangerouslySetInnerHTML|document\.write\s*\(|insertAdjacentHTML|"""
            + """v-html\s*=""",
            "Text is put into a page as markup, without escaping."),
        new("template-injection", Medium, Python, "render_template_string mark_safe autoescape",
            """render_template_string\s*\(|\bmark_safe\s*\(|autoescape\s*=\s*False""",
            "Text is put into a page as markup or as a template, without escaping."),
        new("environment-dump", Medium, Code, "environ process.env GetEnvironmentVariables getenv os.Environ ENV.to",
            """(json\.dumps|print|log\w*|send|post)\s*\(\s*(dict\(|str\(|repr\()?\s*os\.environ\s*\)|"""
            + """json\.stringify\s*\(\s*process\.env\s*[,)]|console\.\w+\s*\(\s*process\.env\s*\)|GetEnvironmentVariables\s*\(|"""
            + """os\.Environ\s*\(\)|System\.getenv\s*\(\s*\)|ENV\.to_(h|a|json)|\(env\)""",
            "The whole environment, secrets included, is read at once."),
        new("source-encoding", High, Python, "coding",
            """^\s*#.*coding[:=]\s*(utf-?7|unicode.?escape|raw.?unicode.?escape|utf-?16|utf-?32|punycode|rot|hex|base64|zlib|bz2|"""
            + """idna|cp037)""",
            "The file declares an encoding in which comments can hold live code."),
        new("build-step", Medium, Json, "install prepare prepublish",
            """["'](pre|post)?install["']\s*:|["'](prepare|prepublish\w*|prepack)["']\s*:\s*["']""",
            "A script is added that runs when the package is installed."),
        new("build-step", Medium, Xml, "Exec InlineTask RoslynCodeTask UsingTask DownloadFile",
            """<Exec\s+Command|<UsingTask\b|RoslynCodeTaskFactory|<DownloadFile\b""",
            "A build file runs a command or loads code during the build."),
        new("build-step", Medium, Python, "cmdclass", """\bcmdclass\s*=""", "A script is added that runs when the package is installed."),
        new("remote-source", Medium, Settings | Json | Xml, "index-url registry packageSources git+ replace add",
            """(extra-)?index-url\s*=|^\s*registry\s*=\s*https?://|"git\+(https?|ssh)://|<add\s+key=.*value="https?://|"""
            + """^\s*replace\s+\S+.*=>\s*\S+\.\S+/""",
            "Dependencies are taken from another place than before."),
    ];
}
