using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;

namespace Maestro.Identity;

/// <summary>What there is to know of a grain method once: its audience, whom it admits, and whose plumbing it is.</summary>
/// <param name="Audience">The alias, else the name, of the interface that declares it, a slash, and the method's name.</param>
/// <param name="Admitted">The roles it admits; empty where it has no attribute.</param>
/// <param name="NeedsStepUp">Whether it wants more than one factor, where there is an issuer that says so.</param>
internal sealed record CallSite(string Audience, ImmutableArray<Role> Admitted, CallKind Kind, bool NeedsStepUp = false)
{
    private static readonly ConcurrentDictionary<MethodInfo, CallSite> Known = new();

    public static CallSite Of(IGrainCallContext call) => call.InterfaceMethod is { } method
        ? Known.GetOrAdd(method, Describe)
        : new($"{call.InterfaceName}/{call.MethodName}", [], CallKind.Grain);

    private static CallSite Describe(MethodInfo method)
    {
        var declaring = method.DeclaringType!;
        var name = declaring.GetCustomAttribute<AliasAttribute>()?.Alias ?? declaring.FullName ?? declaring.Name;
        return new($"{name}/{method.Name}", [.. method.GetCustomAttribute<AdmitsAttribute>()?.Roles ?? []], KindOf(declaring),
            method.IsDefined(typeof(StepUpAttribute)));
    }

    private static CallKind KindOf(Type declaring)
    {
        var isOrleans = declaring.Assembly.GetName().Name?.StartsWith("Orleans.", StringComparison.Ordinal) is true;
        return (isOrleans, declaring.Name) switch
        {
            (true, "IAsyncEnumerableGrainExtension") => CallKind.Enumeration,
            (true, "IGrainTimerInvoker") => CallKind.Timer,
            (true, "IClusterManifestSystemTarget") => CallKind.ForClients,
            (true, _) => CallKind.Plumbing,
            _ => declaring.GetCustomAttribute<WithinClusterAttribute>() is null ? CallKind.Grain : CallKind.Plumbing,
        };
    }
}

/// <summary>How a call is judged.</summary>
internal enum CallKind
{
    /// <summary>By the method's attribute.</summary>
    Grain,

    /// <summary>Orleans' own, or marked as such: for silos only.</summary>
    Plumbing,

    /// <summary>An activation's own timer, which Orleans sends without passing it through the outgoing filters.</summary>
    Timer,

    /// <summary>Without it no client can connect: the list of grain types.</summary>
    ForClients,

    /// <summary>A stream of results, whose calls hide the real method: never.</summary>
    Enumeration,
}
