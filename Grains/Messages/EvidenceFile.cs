using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Deployments.Stages;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>What opened an attempt, signed by the control role.</summary>
public sealed record OpenedAttempt(DeploymentId Deployment, int Attempt, int TableVersion, ChangeOpened Change, DateTimeOffset IssuedAt = default) : IDated;

/// <summary>
/// Evidence as it is kept: the signed envelope itself, found by the digest in the log. Whoever reads it verifies it again; a digest in an
/// order is no reason to believe what is behind it.
/// </summary>
public sealed class EvidenceFile(IBlobStore blobs, IKeyring keyring)
{
    public const string OpenedAttemptType = "https://maestro.example/attempt-opened/v1";

    public async Task<Digest> PutAsync(DeploymentId deployment, Envelope envelope, CancellationToken cancellation) =>
        await blobs.PutAsync(deployment, JsonSerializer.SerializeToUtf8Bytes(envelope), cancellation);

    public async Task<Digest> PutAsync(OpenedAttempt opened, CancellationToken cancellation)
    {
        ImmutableArray<Subject> subjects = [Subject.OfCommit(opened.Deployment.ToString(), opened.Change.Head)];
        return await PutAsync(opened.Deployment, Statements.Sign(keyring, Role.Control, OpenedAttemptType, subjects, opened), cancellation);
    }

    /// <exception cref="RefusedException">Its signature or its binding is wrong.</exception>
    /// <exception cref="OutsideException">It is not there.</exception>
    public async Task<OpenedAttempt> ReadOpenedAsync(DeploymentId deployment, int attempt, Digest digest, CancellationToken cancellation)
    {
        var opened = Statements.Open<OpenedAttempt>(keyring, Role.Control, await ReadEnvelopeAsync(deployment, digest, cancellation),
            OpenedAttemptType).Predicate;
        return opened.Deployment == deployment && opened.Attempt == attempt
            ? opened
            : throw MessageRefusal.Binding(MessageRefusal.AttemptCode, Assignment.HolderOf(deployment, attempt),
                Assignment.HolderOf(opened.Deployment, opened.Attempt));
    }

    /// <summary>A statement of any kind, by the key of the role that must have signed it.</summary>
    /// <inheritdoc cref="ReadOpenedAsync"/>
    public async Task<T> ReadAsync<T>(DeploymentId deployment, Digest digest, Role role, string predicateType, CancellationToken cancellation) =>
        Statements.Open<T>(keyring, role, await ReadEnvelopeAsync(deployment, digest, cancellation), predicateType).Predicate;

    /// <summary>The answer of a row of this attempt, by the key of the role that the row asks.</summary>
    /// <exception cref="RefusedException">Its signature or its binding is wrong.</exception>
    /// <exception cref="OutsideException">It is not there.</exception>
    public async Task<AgentAnswer> ReadAnswerAsync(DeploymentId deployment, int attempt, Row row, Digest digest, CancellationToken cancellation)
    {
        var envelope = await ReadEnvelopeAsync(deployment, digest, cancellation);
        var answer = Statements.Open<AgentAnswer>(keyring, row.Asked, envelope, PredicateTypes.AgentAnswer).Predicate;
        var expected = Binding.EffectOf(deployment, attempt, row.Stage);
        var found = Binding.EffectOf(answer.Binding.Deployment, answer.Binding.Attempt, answer.Binding.Stage);
        return expected == found ? answer : throw MessageRefusal.Binding(MessageRefusal.EffectCode, expected, found);
    }

    /// <summary>The proof in the answer of a row, which must be the one that the row proves.</summary>
    public async Task<Proof> ReadProofAsync(DeploymentId deployment, int attempt, Row row, Digest digest, CancellationToken cancellation)
    {
        var proof = (await ReadAnswerAsync(deployment, attempt, row, digest, cancellation)).OpenProof();
        return proof.GetType() == row.Proves
            ? proof
            : throw MessageRefusal.Binding(MessageRefusal.StageCode, row.Proves.Name, proof.GetType().Name);
    }

    private async Task<Envelope> ReadEnvelopeAsync(DeploymentId deployment, Digest digest, CancellationToken cancellation)
    {
        var bytes = await blobs.GetAsync(deployment, digest, cancellation) ?? throw new OutsideException(new Reason(
            "evidence.missing", "Evidence that the log names must be there.", digest.Abbreviated, "nothing under this digest",
                "Restore the blob store, or use: maestro retry."));
        try
        {
            return JsonSerializer.Deserialize<Envelope>(bytes) ?? throw MessageRefusal.Malformed("null");
        }
        catch (JsonException)
        {
            throw MessageRefusal.Malformed("JSON that is not an envelope");
        }
    }
}
