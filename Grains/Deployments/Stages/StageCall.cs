using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Maestro.Evidence;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments.Stages;

/// <summary>How a row's stage is called when only the row is at hand; made where its types are still known.</summary>
/// <param name="StageType">The stage's class, to be registered with dependency injection.</param>
/// <param name="Ask">Asks the stage; null for a row of the desk.</param>
/// <param name="Put">Puts the question; null for a row of an agent.</param>
public sealed record StageCall(
    Type StageType,
    Func<IServiceProvider, Assignment, Proofs, CancellationToken, Task<StageAnswer>>? Ask,
    Func<IServiceProvider, Assignment, CancellationToken, Task>? Stop,
    Func<IServiceProvider, Assignment, CancellationToken, Task<UndoAnswer>>? Undo,
    Func<IServiceProvider, Assignment, Proofs, PutQuestion>? Put)
{
    public static StageCall Of<TStage, TNeeds, TProves>()
        where TStage : IStage<TNeeds, TProves>
        where TProves : Proof =>
        new(typeof(TStage), AskOf<TStage, TNeeds, TProves>, StopOf<TStage, TNeeds, TProves>, null, null);

    public static StageCall OfUndoable<TStage, TNeeds, TProves>()
        where TStage : IStage<TNeeds, TProves>, IUndoable
        where TProves : Proof =>
        Of<TStage, TNeeds, TProves>() with
        {
            Undo = (services, assignment, cancellation) => services.GetRequiredService<TStage>().UndoAsync(assignment, cancellation),
        };

    public static StageCall OfQuestion<TQuestion, TNeeds, TProves>()
        where TQuestion : IQuestion<TNeeds, TProves>
        where TProves : Proof =>
        new(typeof(TQuestion), null, null, null, (services, assignment, proofs) =>
            services.GetRequiredService<TQuestion>().Put(assignment, proofs.As<TNeeds>()) switch
            {
                Question<TProves>.DoesNotArise none => new PutQuestion(none.Proof, null, null),
                Question<TProves>.Arises arises => new PutQuestion(null, arises.Facts, given => arises.Conclude(given)),
                _ => throw new UnreachableException(),
            });

    private static async Task<StageAnswer> AskOf<TStage, TNeeds, TProves>(
        IServiceProvider services, Assignment assignment, Proofs proofs, CancellationToken cancellation)
        where TStage : IStage<TNeeds, TProves>
        where TProves : Proof =>
        await services.GetRequiredService<TStage>().AskAsync(assignment, proofs.As<TNeeds>(), cancellation) switch
        {
            Answer<TProves>.NotYet notYet => new StageAnswer.NotYet(notYet.LookAgain, notYet.Waiting),
            Answer<TProves>.Proved proved => new StageAnswer.Proved(proved.Proof),
            Answer<TProves>.Refused refused => new StageAnswer.Refused(refused.Reason),
            Answer<TProves>.Broke broke => new StageAnswer.Broke(broke.Reason),
            _ => throw new UnreachableException(),
        };

    private static Task StopOf<TStage, TNeeds, TProves>(IServiceProvider services, Assignment assignment, CancellationToken cancellation)
        where TStage : IStage<TNeeds, TProves>
        where TProves : Proof =>
        services.GetRequiredService<TStage>().StopAsync(assignment, cancellation);
}

/// <summary>A stage's answer without its type.</summary>
public abstract record StageAnswer
{
    private StageAnswer() { }

    public sealed record NotYet(TimeSpan LookAgain, string Waiting) : StageAnswer;

    public sealed record Proved(Proof Proof) : StageAnswer;

    public sealed record Refused(Reason Reason) : StageAnswer;

    public sealed record Broke(Reason Reason) : StageAnswer;
}

/// <summary>A question without its type: either it does not arise and is proved, or there are facts and a way to conclude.</summary>
public sealed record PutQuestion(Proof? Proof, QuestionFacts? Facts, Func<GivenApprovals, Proof>? Conclude);

/// <summary>Verified evidence of one attempt, by its type.</summary>
public sealed class Proofs(IEnumerable<Proof> proofs)
{
    private readonly ImmutableDictionary<Type, Proof> _proofs = proofs.ToImmutableDictionary(proof => proof.GetType());

    /// <exception cref="InvalidOperationException">A proof that the row needs is not there; the deployment must not have asked.</exception>
    public TNeeds As<TNeeds>() => typeof(ITuple).IsAssignableFrom(typeof(TNeeds))
        ? (TNeeds)Activator.CreateInstance(typeof(TNeeds), [.. typeof(TNeeds).GetGenericArguments().Select(Find)])!
        : (TNeeds)Find(typeof(TNeeds));

    private object Find(Type need) =>
        _proofs.GetValueOrDefault(need) ?? throw new InvalidOperationException($"The order carries no {need.Name}.");
}
