using System.Globalization;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Anomalies;

/// <summary>What is told of an anomaly: once for each sender, receiver, kind and hour, whatever a flood it is.</summary>
internal sealed record Alarm(LedgerFact Fact, Reason Reason)
{
    /// <summary>The alarm, and the file says that it was told; null where it was told within the hour and is only counted.</summary>
    public static Alarm? Raise(SenderFile file, Anomaly anomaly, Tally tally, DateTimeOffset now)
    {
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        if (file.Told.TryGetValue(anomaly.Code, out var told) && told >= hour)
        {
            file.Untold[anomaly.Code] = file.Untold.GetValueOrDefault(anomaly.Code) + 1;
            return null;
        }
        var before = file.Untold.GetValueOrDefault(anomaly.Code);
        file.Untold.Remove(anomaly.Code);
        file.Told[anomaly.Code] = hour;
        return Of(file, anomaly, tally, before, string.Create(CultureInfo.InvariantCulture, $"{hour}"), now);
    }

    /// <summary>That the sender was cut off; it is always told.</summary>
    public static Alarm CutOff(SenderFile file, Anomaly anomaly, Tally tally, DateTimeOffset now)
    {
        var alarm = Of(file, anomaly, tally, 0, string.Create(CultureInfo.InvariantCulture, $"cut/{now.UtcTicks}"), now);
        return alarm with { Fact = alarm.Fact with { Kind = "anomaly.cut-off" } };
    }

    private static Alarm Of(SenderFile file, Anomaly anomaly, Tally tally, long before, string when, DateTimeOffset now)
    {
        var body = JsonSerializer.Serialize(new
        {
            code = anomaly.Code,
            receiver = file.Receiver,
            bound = Math.Round(anomaly.Bound),
            found = Math.Round(anomaly.Found),
            before,
            busiest = tally.Busiest,
        });
        return new(
            new($"anomaly/{file.Receiver}/{file.Sender}/{anomaly.Code}/{when}", now, anomaly.Code, Principal.OfRole(Role.Control), file.Sender, body),
            new(anomaly.Code, AnomalyCodes.RuleOf(anomaly.Code), Amount(anomaly.Code, anomaly.Bound), Amount(anomaly.Code, anomaly.Found),
                WayOut(file, anomaly)));
    }

    private static string Amount(string code, double amount) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Round(amount)} {AnomalyCodes.UnitOf(code)}");

    private static string WayOut(SenderFile file, Anomaly anomaly) => anomaly.CutsOff && Principal.RoleOf(file.Sender) is { } role
        ? $"{file.Receiver} takes nothing of {file.Sender} any more. Find out why, then: maestro senders lift {Principal.Name(role)} --reason TEXT"
        : "See the senders with: maestro senders. See what was refused with: maestro audit tail";
}
