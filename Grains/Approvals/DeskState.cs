using Maestro.Messages;

namespace Maestro.Approvals;

/// <summary>A team's questions and the decisions given so far.</summary>
[GenerateSerializer, Alias("maestro.desk-state")]
internal sealed class DeskState
{
    [Id(0)] public List<DeskFile> Files { get; } = [];
}

/// <summary>One question with what came in for it. Once it is answered it moves to a place of its own when the next question comes.</summary>
[GenerateSerializer, Alias("maestro.desk-file")]
internal sealed class DeskFile
{
    [Id(0)] public required ApprovalRequest Request { get; set; }

    /// <summary>The signed order that asked, as JSON, so that its evidence can be read and verified again.</summary>
    [Id(1)] public required string Order { get; set; }

    [Id(2)] public List<Envelope> Approvals { get; } = [];

    /// <summary>Who rejected, and nothing else counts any more.</summary>
    [Id(3)] public string? RejectedBy { get; set; }

    [Id(4)] public DateTimeOffset? AnsweredAt { get; set; }

    [Id(5)] public string Team { get; set; } = "";
}
