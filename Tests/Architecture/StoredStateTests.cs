using System.Reflection;
using Maestro.Identity;
using Maestro.Rows;

namespace Maestro.Architecture;

/// <summary>What grains keep as rows: each is signed by the role that its grain acts as, and none is forgotten.</summary>
public sealed class StoredStateTests
{
    // An older list of what is open shows or hides a question; what the question came to is always read from its own row.
    private static readonly string[] Harmless = ["desk"];

    [Fact]
    public void Every_state_is_signed_by_the_role_of_its_grain() => Assert.Equal(
        States().Select(state => (state.Name, state.Role)).Order(), StoredStates.Signers.Select(signer => (signer.Key, signer.Value)).Order());

    [Fact]
    public void Of_every_state_an_older_one_is_refused_or_does_no_harm() => Assert.Equal(
        Harmless, States().Where(state => !state.Type.IsAssignableTo(typeof(IMarkedRow))).Select(state => state.Name));

    private static IEnumerable<(string Name, Role Role, Type Type)> States() =>
        from grain in Assemblies.TypesOf(Assemblies.Grains)
        from constructor in grain.GetConstructors()
        from parameter in constructor.GetParameters()
        let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
        where state is not null
        select (state.StateName, grain.GetCustomAttribute<ActsAsAttribute>()!.Role, parameter.ParameterType.GetGenericArguments()[0]);
}
