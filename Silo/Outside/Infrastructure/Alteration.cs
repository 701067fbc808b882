using System.Collections.Immutable;
using System.Runtime.Versioning;
using Maestro.Evidence;

namespace Maestro.Outside.Infrastructure;

/// <summary>
/// Carries out the changes of one plan: deletions deepest first, then directories, files and ports. Each one looks before it acts,
/// so that going on after a crash does only what is not done yet.
/// </summary>
/// <param name="recorded">What the engine made before this apply; anything else in the world is left alone.</param>
[SupportedOSPlatform("linux")]
internal sealed class Alteration(World world, ImmutableArray<Recorded> recorded, PlanDocument plan, DeclarationLimits limits)
{
    private readonly Dictionary<string, Resource> _declared =
        plan.Resources.ToDictionary(resource => resource.Address, StringComparer.Ordinal);
    private readonly HashSet<string> _recorded = recorded.Select(resource => resource.Address).ToHashSet(StringComparer.Ordinal);

    /// <summary>The changes in the order in which they are made.</summary>
    public ImmutableArray<DocumentChange> Steps =>
        [.. plan.Changes.OrderBy(change => (Kind(change), change.Action == PlannedAction.Delete ? -Depth(change) : Depth(change)))
            .ThenBy(change => change.Address, StringComparer.Ordinal)];

    /// <summary>Refuses what would touch something that is not the engine's own, before anything is touched.</summary>
    public void DemandOwn()
    {
        foreach (var change in plan.Changes.Where(change => change.Action == PlannedAction.Delete && !_recorded.Contains(change.Address)))
        {
            throw Refusals.Unrecorded(Resource.NameOf(change.Address));
        }
        var changed = plan.Changes.Select(change => change.Address).ToHashSet(StringComparer.Ordinal);
        if (plan.Resources.FirstOrDefault(resource => !changed.Contains(resource.Address)
            && !recorded.Contains(resource.Record())) is { } missing)
        {
            throw Refusals.PlanMalformed($"'{Refusals.Shown(missing.Address)}' is declared, not recorded, and not changed");
        }
        if (recorded.FirstOrDefault(known => !changed.Contains(known.Address) && !_declared.ContainsKey(known.Address)) is { } kept)
        {
            throw Refusals.PlanMalformed($"'{Refusals.Shown(kept.Address)}' is recorded, not declared, and not deleted");
        }
        foreach (var resource in _declared.Values.Where(resource => changed.Contains(resource.Address)
            && !Resource.IsPort(resource.Address)))
        {
            DemandOwn(resource);
        }
    }

    /// <returns><c>done</c>, <c>found</c> or <c>kept</c>, for the journal.</returns>
    public string Carry(DocumentChange change)
    {
        var path = Resource.NameOf(change.Address);
        if (Resource.IsPort(change.Address))
        {
            return "done";
        }
        if (change.Action == PlannedAction.Delete)
        {
            return Delete(change.Address, path);
        }
        var resource = _declared[change.Address];
        if (IsThere(resource))
        {
            return "found";
        }
        DemandOwn(resource);
        if (Resource.IsDirectory(change.Address))
        {
            world.MakeFolder(path);
        }
        else
        {
            world.Write(path, resource.Bytes(), resource.Mode!.Value);
        }
        return "done";
    }

    private string Delete(string address, string path)
    {
        var isFolder = Resource.IsDirectory(address);
        switch (world.Look(path, limits.ContentBytes))
        {
            case Found.Absent:
                return "found";
            case Found.Folder when isFolder:
                return world.RemoveFolder(path) ? "done" : "kept";
            case Found.TextFile when !isFolder:
                world.Remove(path);
                return "done";
            // The place was given to a new resource of the same plan before the crash.
            case Found.Folder or Found.TextFile when _declared.ContainsKey((isFolder ? Resource.File : Resource.Directory) + path):
                return "found";
            default:
                throw Refusals.Link(path);
        }
    }

    private bool IsThere(Resource resource) => world.Look(Resource.NameOf(resource.Address), limits.ContentBytes) switch
    {
        Found.Folder => Resource.IsDirectory(resource.Address),
        Found.TextFile file => Difference.Matches(file, resource.Record()),
        _ => false,
    };

    private void DemandOwn(Resource resource)
    {
        var path = Resource.NameOf(resource.Address);
        switch (world.Look(path, limits.ContentBytes))
        {
            case Found.Blocked when !IsBelowOwnFile(path):
                throw Refusals.Link(path);
            case Found.TextFile when !IsThere(resource) && !_recorded.Contains(Resource.File + path):
            case Found.Folder when Resource.IsFile(resource.Address) && !_recorded.Contains(Resource.Directory + path):
                throw Refusals.Unrecorded(path);
            default:
                break;
        }
    }

    private bool IsBelowOwnFile(string path) => _recorded.Any(known => Resource.IsFile(known)
        && path.StartsWith(Resource.NameOf(known) + "/", StringComparison.Ordinal)
        && world.Look(Resource.NameOf(known), limits.ContentBytes) is Found.TextFile);

    private static int Kind(DocumentChange change) => (change.Action == PlannedAction.Delete, change.Address) switch
    {
        (true, var address) when Resource.IsDirectory(address) => 1,
        (true, _) => 0,
        (_, var address) when Resource.IsDirectory(address) => 2,
        (_, var address) when Resource.IsFile(address) => 3,
        _ => 4,
    };

    private static int Depth(DocumentChange change) => change.Address.Count(character => character == '/');
}
