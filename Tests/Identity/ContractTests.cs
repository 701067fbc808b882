using System.Reflection;
using Maestro.Messages;

namespace Maestro.Identity;

/// <summary>What must hold of every grain there is.</summary>
public sealed class ContractTests
{
    private static readonly MethodInfo[] Methods =
    [
        .. new[] { typeof(Envelope).Assembly, typeof(Admission).Assembly, typeof(FileKeyring).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .Where(type => type.GetCustomAttribute<WithinClusterAttribute>() is null)
            .SelectMany(type => type.GetMethods()),
    ];

    [Fact]
    public void Every_grain_method_names_the_callers_it_admits()
    {
        Assert.NotEmpty(Methods);
        Assert.Empty(Methods.Where(method => Admitted(method) is not { Count: > 0 } roles || roles.Contains(Role.None)).Select(Name));
    }

    [Fact]
    public void No_grain_method_returns_an_async_enumerable() => Assert.Empty(
        Methods.Where(method => method.ReturnType.Name.StartsWith("IAsyncEnumerable", StringComparison.Ordinal)).Select(Name));

    [Fact]
    public void No_interface_names_two_methods_alike() => Assert.Empty(
        Methods.GroupBy(Name).Where(same => same.Count() > 1).Select(same => same.Key));

    [Fact]
    public void Every_grain_class_names_the_role_it_acts_as()
    {
        var classes = typeof(Admission).Assembly.GetTypes().Concat(typeof(FileKeyring).Assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type));
        Assert.All(classes, type => Assert.Contains(type.GetCustomAttribute<ActsAsAttribute>()?.Role ?? Role.None, Principal.SiloRoles));
    }

    [Fact]
    public void The_rules_see_a_method_that_breaks_them()
    {
        Assert.Null(Admitted(typeof(IProbeGrain).GetMethod(nameof(IProbeGrain.UnnamedAsync))!));
        Assert.Equal([Role.Viewer], Admitted(typeof(IProbeBase).GetMethod(nameof(IProbeBase.InheritedAsync))!));
    }

    private static IReadOnlyList<Role>? Admitted(MethodInfo method) => method.GetCustomAttribute<AdmitsAttribute>()?.Roles;

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
