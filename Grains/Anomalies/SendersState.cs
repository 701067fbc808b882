using System.Text.Json;
using Maestro.Audit;
using Maestro.Rows;

namespace Maestro.Anomalies;

/// <summary>What the watch remembers beyond its silo. There is one file for each of the few senders at each of the few receivers.</summary>
[GenerateSerializer, Alias("maestro.senders-state")]
internal sealed class SendersState : IMarkedRow
{
    /// <summary>Who is cut off. What is usual for a sender changes slowly, and may be of some minutes ago.</summary>
    public string Mark => Files.Values.All(file => file.CutSince is null) ? "" : JsonSerializer.Serialize(Files.Values
        .Where(file => file.CutSince is not null)
        .OrderBy(file => KeyOf(file.Receiver, file.Sender), StringComparer.Ordinal)
        .Select(file => new { file.Receiver, file.Sender, file.CutSince, file.Why }));

    /// <summary>By receiver and sender, see <see cref="KeyOf"/>.</summary>
    [Id(0)] public Dictionary<string, SenderFile> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What the ledger is still to be told, oldest first.</summary>
    [Id(1)] public List<LedgerFact> Facts { get; } = [];

    public static string KeyOf(string receiver, string sender) => $"{receiver} {sender}";
}

/// <summary>One sender at one receiver.</summary>
[GenerateSerializer, Alias("maestro.sender-file")]
internal sealed class SenderFile
{
    [Id(0)] public string Receiver { get; init; } = "";

    [Id(1)] public string Sender { get; init; } = "";

    [Id(2)] public SenderHabit Habit { get; set; } = SenderHabit.None;

    [Id(3)] public DateTimeOffset? CutSince { get; set; }

    /// <summary>The code why it is cut off.</summary>
    [Id(4)] public string? Why { get; set; }

    /// <summary>In which hour each kind of anomaly was told last.</summary>
    [Id(5)] public Dictionary<string, long> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>In how many windows each kind was found since.</summary>
    [Id(6)] public Dictionary<string, long> Untold { get; } = new(StringComparer.Ordinal);
}
