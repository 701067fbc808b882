using System.Collections.Immutable;

namespace Maestro.Identity;

/// <summary>Who calls, as the admission filter verified it.</summary>
/// <param name="Principal">See <see cref="Identity.Principal"/>.</param>
/// <param name="Roles">A silo's one role, or the roles that the roster gives the person now.</param>
/// <param name="Chain">Who stands behind the call, the initiator first; without the caller. By their word: for the record only.</param>
/// <param name="Deployment">The deployment the call is made for, where there is one.</param>
public sealed record Caller(string Principal, ImmutableArray<Role> Roles, ImmutableArray<string> Chain, string? Deployment)
{
    private static readonly AsyncLocal<Caller?> Ambient = new();

    /// <summary>
    /// The caller of the grain method that runs; null in timers, reminders and stream deliveries. It is kept outside of what a message
    /// can carry, so nobody but the filter can set it.
    /// </summary>
    public static Caller? Current => Ambient.Value;

    /// <summary>
    /// The one who began: a person who calls began it, whoever the chain names; behind a silo it is the first of the chain that the silo vouches for.
    /// </summary>
    public string Initiator => Identity.Principal.RoleOf(Principal) is null || Chain.IsDefaultOrEmpty ? Principal : Chain[0];

    internal static void Enter(Caller? caller) => Ambient.Value = caller;
}
