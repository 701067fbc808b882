using System.Text.RegularExpressions;
using Maestro.Evidence;

namespace Maestro.Outside.Analysis;

/// <summary>Calls and types of .NET that a person should see before they run.</summary>
internal static class Calls
{
    private const string Evaluates = "Code is loaded or made at run time, so reading the change does not show what runs.";

    private const string Deserialises = "A deserialiser that can make any object, and so run code, is used.";

    private static readonly Regex SecurityRule = new("""^(CA(2[13]\d\d|30\d\d|53\d\d|54\d\d)|SCS\d+|SEC\d+|SYSLIB00(11|50|51)|S\d{4})$""",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public static bool IsSecurityRule(string code) => SecurityRule.IsMatch(code.Trim());

    /// <summary>What a call means; null where it is an ordinary one.</summary>
    public static (Severity Severity, string Rule, string Message)? Of(string owner, string name) => (owner, name) switch
    {
        ("Process", "Start") => (Severity.Medium, "process-start", "A process is started."),
        ("Assembly", "Load" or "LoadFrom" or "LoadFile" or "UnsafeLoadFrom") => (Severity.Medium, "dynamic-evaluation", Evaluates),
        ("AssemblyLoadContext" or "Default", "LoadFromAssemblyPath" or "LoadFromStream") => (Severity.Medium,
            "dynamic-evaluation", Evaluates),
        ("AssemblyBuilder", "DefineDynamicAssembly") => (Severity.Medium, "dynamic-evaluation", Evaluates),
        ("CSharpScript", _) => (Severity.Medium, "dynamic-evaluation", Evaluates),
        ("NativeLibrary", "Load") => (Severity.Medium, "native-code", "Native code is called."),
        ("Environment", "GetEnvironmentVariables") => (Severity.Medium, "environment-dump",
            "The whole environment, secrets included, is read at once."),
        (_, "FromSqlRaw" or "ExecuteSqlRaw" or "ExecuteSqlRawAsync" or "SqlQueryRaw") => (Severity.Medium, "query-concatenation",
            "A query is run as raw text."),
        (_, "UnsafeDeserialize" or "DeserializeMethodResponse") => (Severity.High, "deserialisation", Deserialises),
        (_, "DisableAntiforgery") => (Severity.High, "authority-check-off", "The check of forged requests is switched off."),
        _ => null,
    };

    /// <summary>What making an object of a type means; null where it is an ordinary one.</summary>
    public static (Severity Severity, string Rule, string Message)? OfType(string type) => type switch
    {
        "BinaryFormatter" or "NetDataContractSerializer" or "SoapFormatter" or "LosFormatter" or "ObjectStateFormatter" =>
            (Severity.High, "deserialisation", Deserialises),
        "DynamicMethod" or "CSharpCodeProvider" => (Severity.Medium, "dynamic-evaluation", Evaluates),
        "ProcessStartInfo" => (Severity.Medium, "process-start", "A process is started."),
        _ => null,
    };
}
