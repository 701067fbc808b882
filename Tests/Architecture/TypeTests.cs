using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Architecture;

public sealed partial class TypeTests
{
    [Fact]
    public void Grain_classes_are_sealed() => Assert.Empty(
        Assemblies.TypesOf(Assemblies.Grains)
            .Where(type => type is { IsClass: true, IsAbstract: false, IsSealed: false } && typeof(IGrain).IsAssignableFrom(type))
            .Select(type => type.FullName));

    [Fact]
    public void Evidence_is_sealed_or_an_abstract_base() => Assert.Empty(
        Records().Where(type => type is { IsAbstract: false, IsSealed: false }).Select(type => type.FullName));

    [Fact]
    public void Evidence_and_log_entries_cannot_be_changed() => Assert.Empty(
        Records()
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            .Where(property => IsChangeable(property) || property.PropertyType.IsArray || IsList(property.PropertyType))
            .Select(property => $"{property.DeclaringType?.Name}.{property.Name}"));

    [Fact]
    public void A_property_that_can_be_set_would_be_found()
    {
        Assert.True(IsChangeable(typeof(Changeable).GetProperty(nameof(Changeable.Value))!));
        Assert.False(IsChangeable(typeof(Settled).GetProperty(nameof(Settled.Seconds))!));
    }

    [Fact]
    public void Types_are_named_after_what_they_are() => Assert.Empty(
        Assemblies.All.SelectMany(Assemblies.TypesOf).Where(type => Vague().IsMatch(type.Name)).Select(type => type.FullName));

    // Such calls hide the method from the filters that admit callers.
    [Fact]
    public void No_grain_method_streams_its_answer() => Assert.Empty(
        Assemblies.TypesOf(Assemblies.Interfaces)
            .Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            .Select(method => $"{method.DeclaringType?.Name}.{method.Name}"));

    private static IEnumerable<Type> Records() => Assemblies.TypesOf(Assemblies.Interfaces)
        .Where(type => typeof(Proof).IsAssignableFrom(type) || typeof(LogEntry).IsAssignableFrom(type));

    private static bool IsChangeable(PropertyInfo property) =>
        property.SetMethod is { } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var list
        && (list == typeof(List<>) || list == typeof(IList<>) || list == typeof(Dictionary<,>));

    [GeneratedRegex("(Manager|Helper|Utils?|Processor|Info|Data)(`[0-9]+)?$")]
    private static partial Regex Vague();

    private sealed class Changeable
    {
        public int Value { get; set; }
    }
}
