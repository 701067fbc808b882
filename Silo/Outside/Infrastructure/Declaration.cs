using System.Collections.Immutable;
using Maestro.Applications;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>Reads what an environment declares: <c>shared.yaml</c> and the environment's own file, one list of resources sorted by
/// address.</summary>
internal static class Declaration
{
    private const string Shared = "shared.yaml";

    private static readonly ImmutableArray<string> Files =
        [Shared, EnvironmentSettings.StagingName + ".yaml", EnvironmentSettings.ProductionName + ".yaml"];

    /// <summary>An empty folder declares nothing.</summary>
    /// <exception cref="RefusedException">The declaration is malformed or goes beyond a limit: with file, line and column.</exception>
    public static ImmutableArray<Resource> Read(
        string environment, ImmutableDictionary<string, byte[]> files, ImmutableArray<int> ports, DeclarationLimits limits)
    {
        RefuseUnknown(environment, files);
        var read = Files.Where(file => (file == Shared || file == environment + ".yaml") && files.ContainsKey(file))
            .SelectMany(file => new ResourceReader(file, limits).Read(files[file]).Select(one => (one.Resource, one.At, File: file)))
            .ToList();
        var resources = WithParents([.. read.Select(one => one.Resource)]);
        if (ResourceRules.Objection(resources, ports, limits) is (var address, var objection))
        {
            // An implied directory has no line of its own: the first resource within it has.
            var (_, at, file) = read.LastOrDefault(one => one.Resource.Address == address) is { At: not null } own ? own
                : read.FirstOrDefault(one =>
                    Resource.NameOf(one.Resource.Address).StartsWith(Resource.NameOf(address) + "/", StringComparison.Ordinal));
            throw at is null
                ? Refusals.Declaration(environment + ".yaml", "resources within the limits", objection)
                : Refusals.Declaration(file, at.At.Line, at.At.Column, "resources within the limits",
                    $"'{Refusals.Shown(address)}': {objection}");
        }
        return resources.Sort((left, right) => string.CompareOrdinal(left.Address, right.Address));
    }

    private static void RefuseUnknown(string environment, ImmutableDictionary<string, byte[]> files)
    {
        var yaml = files.Keys.Where(path => path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var path in yaml.Where(path => !Files.Contains(path)))
        {
            throw Refusals.Declaration(Refusals.Shown(path), $"'{NearestName.To(path, Files)}'", "a file of another name");
        }
        if (yaml.Count > 0 && !files.ContainsKey(Shared) && !files.ContainsKey(environment + ".yaml"))
        {
            throw Refusals.Declaration(environment + ".yaml", $"'{environment}.yaml' or '{Shared}'", "neither");
        }
    }

    // A file's folders are resources too, so that they are recorded and go when nothing needs them.
    private static ImmutableArray<Resource> WithParents(ImmutableArray<Resource> resources)
    {
        var declared = resources.Select(resource => resource.Address).ToHashSet(StringComparer.Ordinal);
        var all = resources.ToBuilder();
        foreach (var resource in resources.Where(resource => !Resource.IsPort(resource.Address)))
        {
            var path = Resource.NameOf(resource.Address);
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                if (declared.Add(Resource.Directory + path[..slash]))
                {
                    all.Add(new Resource(Resource.Directory + path[..slash]));
                }
            }
        }
        return all.ToImmutable();
    }
}
