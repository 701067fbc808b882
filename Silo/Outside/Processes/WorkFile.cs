using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Maestro.Deployments;

namespace Maestro.Outside.Processes;

/// <summary>What one launcher runs: the content of <c>work.json</c>, complete before its folder has its name, never changed.</summary>
/// <param name="Token">Counts the starts of the effect, from 1; a higher one has taken over from all below it.</param>
/// <param name="Owner">The boot and the runner that started it.</param>
/// <param name="Subject">What the effect is bound to, such as the merge tree; asking for another under the same name is refused.</param>
/// <param name="Marker">The value of <see cref="MarkerVariable"/> that every process of this start inherits.</param>
/// <param name="Folder">The working directory.</param>
/// <param name="Counted">Folders whose size counts against the disk limit.</param>
/// <param name="Port">The loopback port of an instance; 0 for work.</param>
internal sealed record WorkFile(
    WorkMode Mode, string Effect, int Token, string Owner, string Subject, string Marker, DateTimeOffset At,
    ImmutableArray<string> Command, ImmutableSortedDictionary<string, string> Environment, string Folder,
    WorkLimits Limits, ImmutableArray<string> Counted, bool Sandboxed, int Port)
{
    public const string MarkerVariable = "MAESTRO_WORK";
}

/// <summary>What the launcher does with the command.</summary>
internal enum WorkMode
{
    /// <summary>Runs it under limits to its end and publishes a result.</summary>
    [JsonStringEnumMemberName("run")]
    Run,

    /// <summary>Becomes it: the launcher's process is the application.</summary>
    [JsonStringEnumMemberName("become")]
    Become,

    /// <summary>Keeps the logs of instances small while there are any.</summary>
    [JsonStringEnumMemberName("keep-logs")]
    KeepLogs,
}

/// <summary>Bounds of one run. The launcher enforces them, with or without a silo.</summary>
/// <param name="OutputBytes">How much of the output is kept; what is beyond is dropped with a mark.</param>
/// <param name="DiskBytes">What the counted folders may hold together.</param>
/// <param name="MemoryBytes">Resident memory of all processes together.</param>
/// <param name="ReserveBytes">Free space that must stay on the host's disk.</param>
internal sealed record WorkLimits(TimeSpan Within, long OutputBytes, long DiskBytes, long MemoryBytes, int Processes, long ReserveBytes)
{
    public static WorkLimits Default { get; } = new(TimeSpan.FromMinutes(30), 4 << 20, 768L << 20, 4L << 30, 1024, 64 << 20);
}

/// <summary>How a run ended: the content of <c>result.json</c>.</summary>
/// <param name="Error">Why the command could not be started; null where it was.</param>
internal sealed record WorkResult(int ExitCode, double Seconds, WorkEnd Ended, string? Error);

internal enum WorkEnd
{
    [JsonStringEnumMemberName("exited")]
    Exited,

    [JsonStringEnumMemberName("deadline")]
    Deadline,

    [JsonStringEnumMemberName("disk")]
    Disk,

    [JsonStringEnumMemberName("memory")]
    Memory,

    [JsonStringEnumMemberName("processes")]
    Processes,

    /// <summary>The host's disk was about to be full.</summary>
    [JsonStringEnumMemberName("host-full")]
    HostFull,

    [JsonStringEnumMemberName("signal")]
    Signal,

    [JsonStringEnumMemberName("not-started")]
    NotStarted,
}

/// <summary>What the workshop made of a result, kept because its folders are removed then. A broken one may be started again.</summary>
internal sealed record WorkVerdict(VerdictKind Kind, Reason? Reason, Digest? Image, long Bytes, int Files, bool Sandboxed, double Seconds);

internal enum VerdictKind
{
    [JsonStringEnumMemberName("done")]
    Done,

    [JsonStringEnumMemberName("refused")]
    Refused,

    [JsonStringEnumMemberName("broke")]
    Broke,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkFile))]
[JsonSerializable(typeof(WorkResult))]
[JsonSerializable(typeof(WorkVerdict))]
[JsonSerializable(typeof(ProcessIdentity))]
internal sealed partial class WorkJson : JsonSerializerContext;
