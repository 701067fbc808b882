using System.Collections.Immutable;
using System.Text.Json;
using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Sessions;

/// <summary>Whose tokens are believed, for whom, and what their claims give.</summary>
/// <param name="Claim">The claim with roles in it, or with what maps to them.</param>
/// <param name="Map">What each value gives; any other gives nothing.</param>
/// <param name="NamesPeople">Whether its subjects are ids of the roster, as those of the silo's own issuer are.</param>
/// <param name="StepUp">What counts as more than one factor; null where there is no telling.</param>
internal sealed record TrustedIssuer(
    string Name, string Audience, string Claim, ImmutableDictionary<string, ImmutableArray<Role>> Map, bool NamesPeople, StepUp? StepUp)
{
    private const int MostValues = 1000;

    public static TrustedIssuer Of(OutsideIssuer issuer) => new(issuer.Address, issuer.Audience, issuer.Claim, issuer.Map, false, issuer.StepUp);

    /// <summary>The silo's own issuer, which says what the roster says.</summary>
    public static TrustedIssuer Own(string name, string audience) => new(
        name, audience, OwnClaim,
        Principal.PeopleRoles.ToImmutableDictionary(Principal.Name, role => ImmutableArray.Create(role), StringComparer.Ordinal), true, null);

    public const string OwnClaim = "roles";

    /// <summary>The account that a subject of this issuer is.</summary>
    public string AccountOf(string subject) => $"oidc:{Name}#{subject}";

    /// <summary>The roles that a token's claims map to.</summary>
    public ImmutableArray<Role> RolesIn(JsonElement payload) =>
        [.. Texts(Find(payload, Claim)).Take(MostValues).SelectMany(value => Map.GetValueOrDefault(value, [])).Distinct()];

    /// <summary>The texts of a claim that is a text or a list of them.</summary>
    public static IEnumerable<string> Texts(JsonElement? claim) => claim switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many =>
            many.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!),
        _ => [],
    };

    // A claim's name may be an address with dots in it, so the whole name comes first.
    private static JsonElement? Find(JsonElement within, string name)
    {
        if (within.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }
        if (within.TryGetProperty(name, out var whole))
        {
            return whole;
        }
        return name.Split('.', 2) is [var first, var rest] && within.TryGetProperty(first, out var inner) ? Find(inner, rest) : null;
    }
}
