using System.Collections.Immutable;
using System.Reflection;
using Maestro.Identity;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Maestro.Cluster;

/// <summary>
/// Leaves the grain classes of other roles out of this silo, so that Orleans places a grain only where its role is. It is placement, not
/// protection: a role's credentials are what keeps others from acting as it.
/// </summary>
internal static class RoleClasses
{
    public static void KeepClassesOf(this IServiceCollection services, ImmutableArray<Role> roles) =>
        services.PostConfigure<GrainTypeOptions>(options => options.Classes.RemoveWhere(type => RoleOf(type) is { } role && !roles.Contains(role)));

    /// <summary>The role that instances of the class act as; null for Orleans' own.</summary>
    public static Role? RoleOf(Type type) => type.GetCustomAttribute<ActsAsAttribute>(inherit: true)?.Role;
}
