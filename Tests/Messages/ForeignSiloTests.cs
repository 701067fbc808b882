using Maestro.Anomalies;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Messages;

/// <summary>Published by a silo of a cluster that has another role, with its own key and with a stolen one.</summary>
public sealed class ForeignSiloTests
{
    [Fact]
    public async Task A_silo_of_another_role_proves_nothing_and_with_a_stolen_key_it_is_told_of()
    {
        await using var database = await PostgresDatabase.OwnAsync();
        await using var silo = new MessageSilo { Database = database.Text, SecondRoles = [Role.Build] };
        await silo.InitializeAsync();
        silo.Reviewer.Hangs = true;
        var id = await silo.OpenAsync();
        var own = Forgery.Signed(silo.Keyring, Role.Build, PredicateTypes.AgentAnswer, Proved(id)).Naming(Role.Review);
        await silo.PublishAsync(Channels.Answers, id, own, silo.Second);
        await silo.UntilRefusedAsync(id, Reception.Dropped, MessageRefusal.SignatureCode);
        Assert.DoesNotContain(await silo.LogAsync(id), IsProved);
        Assert.DoesNotContain(await silo.SubjectAsync("role:review"), fact => fact.Kind == AnomalyCodes.Origin);

        // The control replaced: the key of the role that was asked is all that keeps it out, and what is left is to tell of it.
        await silo.Second.GetRequiredService<Post>().AnswerAsync(Role.Review, Proved(id));
        await Eventually.IsTrueAsync(async () => (await silo.LogAsync(id)).Any(IsProved));
        await Eventually.IsTrueAsync(async () => (await silo.SubjectAsync("role:review")).Any(fact => fact.Kind == AnomalyCodes.Origin));
        Assert.DoesNotContain(await silo.SubjectAsync("role:control"), fact => fact.Kind == AnomalyCodes.Origin);
    }

    private static bool IsProved(LogEntry entry) => entry is LogEntry.Proved { Stage: Stage.Review };

    private static AgentAnswer Proved(DeploymentId id) => AgentAnswer.Proved(
        Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System), new ChangeReviewed(Verdict.Approve, "an attacker", false, 1, []));
}
