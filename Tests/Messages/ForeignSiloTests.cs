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
        await StrangersGetNowhereAsync(silo);
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

    // Whoever leaves out the checks that a silo makes of itself still needs a key that the root knows.
    private static async Task StrangersGetNowhereAsync(MessageSilo silo)
    {
        using var folder = new Folder();
        new Registrar(folder.Keys, TimeProvider.System).Supply([Role.Build]);
        using var stranger = FileKeyring.Open(folder.Keys, KeyRegistry.RootOf(folder.Keys), [Role.Build], NobodyKnown.Instance);
        Assert.False(await MadePeer.IsAnsweredAsync(silo.Services, stranger, Role.Build));
        await Eventually.IsTrueAsync(async () => (await silo.SubjectAsync("connection")).Any(
            fact => fact.Kind == "call.refused" && fact.Body.Contains("\"peer.refused\"", StringComparison.Ordinal)));
        Assert.True(silo.Log.Count("connection", "(peer.refused)") > 0);

        Assert.True(await MadePeer.IsAnsweredAsync(silo.Services, silo.Keyring, Role.Build));
    }

    private static bool IsProved(LogEntry entry) => entry is LogEntry.Proved { Stage: Stage.Review };

    private static AgentAnswer Proved(DeploymentId id) => AgentAnswer.Proved(
        Binding.Of(id, 1, Stage.Review, 1, Role.Control, TimeProvider.System), new ChangeReviewed(Verdict.Approve, "an attacker", false, 1, []));
}
