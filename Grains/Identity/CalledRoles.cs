using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Serialization.Configuration;

namespace Maestro.Identity;

/// <summary>
/// Which role answers for a type of grain, by the classes that this silo itself knows, also of roles that it does not have. What other silos say of their
/// classes is not asked.
/// </summary>
public sealed class CalledRoles(IOptions<TypeManifestOptions> manifest, GrainTypeResolver types)
{
    private readonly FrozenDictionary<GrainType, Role> _roles = manifest.Value.InterfaceImplementations
        .Select(type => (Type: type, type.GetCustomAttribute<ActsAsAttribute>()?.Role)).Where(each => each.Role is not (null or Role.None))
        .ToFrozenDictionary(each => types.GetGrainType(each.Type), each => each.Role!.Value);

    /// <summary>Null for Orleans' own grains.</summary>
    public Role? Of(GrainId grain) => _roles.TryGetValue(grain.Type, out var role) ? role : null;
}
