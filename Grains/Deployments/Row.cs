using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Manifests;

namespace Maestro.Deployments;

/// <summary>What happens to a row's effects when the attempt goes back.</summary>
public enum WayBack
{
    /// <summary>What it left stays: it is inert, or shared, or swept later.</summary>
    Leave,

    /// <summary>It is taken back, newest first.</summary>
    Undo,
}

/// <summary>One row of the plan. It can only be made from a stage that takes these needs and proves this proof.</summary>
/// <param name="Asked">The role whose key must sign the answer.</param>
/// <param name="Needs">The proofs that must be there before it starts.</param>
/// <param name="Proves">The one proof it makes.</param>
/// <param name="Within">How long one try may take beyond what <see cref="Beyond"/> says, counted from its start
/// without the time in which nobody could ask.</param>
/// <param name="Tries">How often it is tried when it breaks, from 1.</param>
public sealed record Row(
    Stage Stage, Role Asked, ImmutableArray<Type> Needs, Type Proves, TimeSpan Within, int Tries, WayBack WayBack, StageCall Call)
{
    /// <summary>The time that the manifest gives one try on top of <see cref="Within"/>; null where the table alone says it.</summary>
    public Func<Manifest, TimeSpan>? Beyond { get; init; }

    /// <summary>A role that whoever is asked must be able to ask in turn; null for none.</summary>
    public Role? Besides { get; init; }

    /// <summary>How long one try may take under this manifest; null where it could not be read, which leaves the longest time.</summary>
    public TimeSpan LimitOf(Manifest? manifest) => Beyond is null ? Within
        : Within + (manifest is not null && Beyond(manifest) is var beyond && beyond < Plan.LongestWatch ? beyond : Plan.LongestWatch);

    /// <summary>A row that an agent answers.</summary>
    public static Row Agent<TStage, TNeeds, TProves>(Stage stage, Role asked, TimeSpan within, int tries, Func<Manifest, TimeSpan>? beyond = null,
        Role? besides = null)
        where TStage : IStage<TNeeds, TProves>
        where TProves : Proof =>
        new(stage, asked, Types<TNeeds>(), typeof(TProves), within, tries, WayBack.Leave, StageCall.Of<TStage, TNeeds, TProves>())
        { Beyond = beyond, Besides = besides };

    /// <summary>A row that an agent answers, and whose effects an agent takes back.</summary>
    public static Row Undoable<TStage, TNeeds, TProves>(Stage stage, Role asked, TimeSpan within, int tries, Role? besides = null)
        where TStage : IStage<TNeeds, TProves>, IUndoable
        where TProves : Proof =>
        new(stage, asked, Types<TNeeds>(), typeof(TProves), within, tries, WayBack.Undo, StageCall.OfUndoable<TStage, TNeeds, TProves>())
        { Besides = besides };

    /// <summary>A row that people answer at their desk, or that answers itself where its question does not arise.</summary>
    public static Row Desk<TQuestion, TNeeds, TProves>(Stage stage, TimeSpan within)
        where TQuestion : IQuestion<TNeeds, TProves>
        where TProves : Proof =>
        new(stage, Role.Desk, Types<TNeeds>(), typeof(TProves), within, 1, WayBack.Leave, StageCall.OfQuestion<TQuestion, TNeeds, TProves>());

    private static ImmutableArray<Type> Types<TNeeds>() =>
        typeof(ITuple).IsAssignableFrom(typeof(TNeeds)) ? [.. typeof(TNeeds).GetGenericArguments()] : [typeof(TNeeds)];
}
