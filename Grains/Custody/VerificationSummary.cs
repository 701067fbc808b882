using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Messages;

namespace Maestro.Custody;

/// <summary>
/// The outcome of a verification as SLSA writes it, <c>https://slsa.dev/spec/v1.0/verification_summary</c>, with what it is bound to and each
/// comparison besides. Everything that must hold together is in here: a subject alone binds nothing.
/// </summary>
/// <param name="Resource">What may be touched: <c>maestro:</c>, the environment and the effect.</param>
/// <param name="VerificationResult">PASSED or FAILED.</param>
public sealed record VerificationSummary(
    SummaryVerifier Verifier, DateTimeOffset TimeVerified, [property: JsonPropertyName("resourceUri")] string Resource, SummaryInput Policy,
    ImmutableArray<SummaryInput> InputAttestations, string VerificationResult, ImmutableArray<string> VerifiedLevels, SummaryBinding Binding,
    ImmutableArray<SummaryCheck> Checks)
    : IDated
{
    public const string PredicateType = "https://slsa.dev/verification_summary/v1";
    public const string Passed = "PASSED";
    public const string Failed = "FAILED";

    /// <summary>The level that says that two people broke the glass.</summary>
    public const string GlassBroken = "MAESTRO_GLASS_BROKEN_1";

    DateTimeOffset IDated.IssuedAt => TimeVerified;

    /// <summary>Who custody of this root of trust is. It is believed together with the custody role's key only.</summary>
    public static string VerifierOf(LedgerOrigin origin) => $"https://maestro.example/{origin.Name[..origin.Name.LastIndexOf('/')]}/custody";

    public static string ResourceOf(string environment, string effect) => $"maestro:{environment}/{effect}";

    /// <summary>What a lease of this way is held against.</summary>
    public static string LevelOf(LeaseWay way) => way switch
    {
        LeaseWay.Forward => "MAESTRO_LAST_CHECK_1",
        LeaseWay.Back => "MAESTRO_WAY_BACK_1",
        _ => "MAESTRO_KEPT_ALIVE_1",
    };
}

/// <param name="Id">An URI that is the verifier's alone.</param>
public sealed record SummaryVerifier(string Id);

/// <summary>Something by its name and its digest.</summary>
public sealed record SummaryInput([property: JsonPropertyName("uri")] string Name, ImmutableDictionary<string, string> Digest)
{
    public static SummaryInput Of(string name, Digest digest) => new(name, ImmutableDictionary<string, string>.Empty.Add("sha256", digest.Hex));
}

/// <summary>For which one effect the summary is.</summary>
public sealed record SummaryBinding(DeploymentId Deployment, int Attempt, Stage Stage, string Environment, long Token, LeaseWay Way);

/// <summary>One comparison.</summary>
public sealed record SummaryCheck(string Name, string Source, string Expected, string Found, bool Holds);
