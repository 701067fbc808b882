using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Approvals;

/// <summary>Which questions are open at a desk. Each question with its answers is stored on its own, so a desk's writes stay small.</summary>
[GenerateSerializer, Alias("maestro.desk-state")]
internal sealed class DeskState
{
    // 0 held whole questions before the first release.
    [Id(1)] public List<QuestionKey> Open { get; } = [];
}

/// <summary>What names a question: nobody is asked twice about one stage of one attempt.</summary>
[GenerateSerializer, Immutable, Alias("maestro.question-key")]
internal sealed record QuestionKey([property: Id(0)] string Deployment, [property: Id(1)] int Attempt, [property: Id(2)] Stage Stage)
{
    public static QuestionKey Of(Binding binding) => new(binding.Deployment.ToString(), binding.Attempt, binding.Stage);

    /// <summary>The key of its grain.</summary>
    public override string ToString() => FormattableString.Invariant($"question/{Deployment}/{Attempt}/{Stage}");
}

/// <summary>One question with what came in for it.</summary>
/// <param name="Order">The signed order that asked, as JSON, so that its evidence can be read and verified again.</param>
/// <param name="Team">Whose desk put it.</param>
/// <param name="RejectedBy">Who rejected, and nothing else counts any more.</param>
[GenerateSerializer, Immutable, Alias("maestro.question-file")]
internal sealed record QuestionFile(
    [property: Id(0)] ApprovalRequest Request, [property: Id(1)] string Order, [property: Id(2)] string Team,
    [property: Id(3)] ImmutableArray<Envelope> Approvals, [property: Id(4)] string? RejectedBy = null, [property: Id(5)] DateTimeOffset? AnsweredAt = null)
{
    /// <summary>The countersigned words of those who break the glass, the second of which answers the question.</summary>
    [Id(6)] public ImmutableArray<Envelope> Glass { get; init; } = [];

    /// <summary>Two people have broken the glass for it.</summary>
    public bool IsBroken => Glass is { IsDefault: false, Length: 2 };

    /// <summary>How many more people must approve.</summary>
    public int Missing => Request.Needed - Approvals.Length;

    /// <summary>Whether this decision was counted.</summary>
    public bool Has(string person, bool approved) => approved ? Request.Given.Contains(person) : RejectedBy == person;

    /// <summary>The file with these words to break the glass.</summary>
    public QuestionFile Broken(ImmutableArray<Envelope> glass, GlassRequest? shown, DateTimeOffset now) => this with
    {
        Glass = glass,
        Request = Request with { Glass = shown },
        AnsweredAt = glass.Length == 2 ? now : null,
    };

    /// <summary>The file with one more decision.</summary>
    public QuestionFile With(string person, bool approved, Envelope envelope, DateTimeOffset now)
    {
        if (!approved)
        {
            return this with { RejectedBy = person, AnsweredAt = now };
        }
        var more = this with { Approvals = Approvals.Add(envelope), Request = Request with { Given = Request.Given.Add(person) } };
        return more.Missing > 0 ? more : more with { AnsweredAt = now };
    }
}
