using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Identity;

/// <summary>Counts refused calls under <c>maestro.calls.refused</c> and writes each to the log.</summary>
public sealed partial class LoggedDenials(ILogger<LoggedDenials> logger) : IDenials
{
    public void Note(Denial denial)
    {
        Instruments.CallsRefused.Add(1, new KeyValuePair<string, object?>("method", Bounded.Methods.Of(denial.Method)));
        LogRefused(denial.Method, denial.Target, denial.Source, denial.Found, denial.Code);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a call of {Method} on {Target} from {Source}: {Found} ({Code}).")]
    private partial void LogRefused(string method, string target, string source, string found, string code);
}
