using System.Collections.Immutable;
using System.Runtime.Versioning;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Infrastructure;

/// <summary>The difference between what is declared, what is recorded and what is there.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Difference(World world, ImmutableArray<Recorded> owned, DeclarationLimits limits)
{
    private readonly Dictionary<string, Recorded> _owned = owned.ToDictionary(recorded => recorded.Address, StringComparer.Ordinal);

    /// <summary>What must change so that all that is declared is there and all that is no longer declared is gone.</summary>
    /// <exception cref="RefusedException">Something unrecorded, or a link, is in the way.</exception>
    public ImmutableArray<DocumentChange> Changes(ImmutableArray<Resource> declared)
    {
        var addresses = declared.Select(resource => resource.Address).ToHashSet(StringComparer.Ordinal);
        return [.. declared.Select(Change).OfType<DocumentChange>()
            .Concat(owned.Where(recorded => !addresses.Contains(recorded.Address)).Select(Deletion))
            .OrderBy(change => change.Address, StringComparer.Ordinal)];
    }

    /// <summary>Where the world differs from the record.</summary>
    public ImmutableArray<string> Drift() =>
        [.. owned.Where(recorded => !Resource.IsPort(recorded.Address)).Select(DriftOf).OfType<string>()];

    private DocumentChange? Change(Resource resource)
    {
        var recorded = _owned.GetValueOrDefault(resource.Address);
        return Resource.IsPort(resource.Address) ? PortChange(resource, recorded)
            : Resource.IsDirectory(resource.Address) ? FolderChange(resource, recorded)
            : FileChange(resource, recorded);
    }

    private static DocumentChange? PortChange(Resource resource, Recorded? recorded) =>
        recorded is null ? new(PlannedAction.Create, resource.Address, true, $"opens port {resource.Number}", resource.Number)
        : recorded.Number == resource.Number ? null
        : new(
            PlannedAction.Update, resource.Address, true, $"moves from port {recorded.Number} to port {resource.Number}", resource.Number);

    private DocumentChange? FolderChange(Resource resource, Recorded? recorded) => Look(resource.Address) switch
    {
        Found.Absent => new(
            PlannedAction.Create, resource.Address, false, recorded is null ? "makes it" : "makes it again, as somebody deleted it"),
        Found.Folder when recorded is not null => null,
        Found.Folder => new(PlannedAction.Create, resource.Address, false, "takes over the directory that is there"),
        Found.TextFile when IsOwnFile(resource.Address) =>
            new(PlannedAction.Create, resource.Address, false, "makes a directory in place of the file"),
        Found.TextFile => throw Refusals.Unrecorded(Resource.NameOf(resource.Address)),
        _ => throw Refusals.Link(Resource.NameOf(resource.Address)),
    };

    private DocumentChange? FileChange(Resource resource, Recorded? recorded)
    {
        var target = resource.Record();
        var size = $"{resource.Bytes().Length} bytes, digest {target.Digest![..12]}{Preview(resource)}";
        return Look(resource.Address) switch
        {
            Found.Absent when recorded is null => new(PlannedAction.Create, resource.Address, false, $"writes {size}"),
            Found.Absent => new(PlannedAction.Create, resource.Address, false, $"writes it again, as somebody deleted it: {size}"),
            Found.TextFile file when recorded is null && !Matches(file, target) =>
                throw Refusals.Unrecorded(Resource.NameOf(resource.Address)),
            Found.TextFile when recorded is null =>
                new(PlannedAction.Create, resource.Address, false, $"takes over the same file that is there: {size}"),
            Found.TextFile file when Matches(file, target) && recorded == target => null,
            Found.TextFile file => new(PlannedAction.Update, resource.Address, false, Update(file, recorded, target) + size),
            Found.Folder => throw Refusals.FolderInTheWay(Resource.NameOf(resource.Address)),
            _ => throw Refusals.Link(Resource.NameOf(resource.Address)),
        };
    }

    private static string Update(Found.TextFile file, Recorded recorded, Recorded target) =>
        !Matches(file, recorded) ? "writes it again, as somebody changed it: "
        : recorded.Digest == target.Digest ? $"sets mode {Convert.ToString(target.Mode ?? 0, 8)}: "
        : "writes ";

    private DocumentChange Deletion(Recorded recorded)
    {
        if (Resource.IsPort(recorded.Address))
        {
            return new(PlannedAction.Delete, recorded.Address, true, $"closes port {recorded.Number}", recorded.Number);
        }
        var summary = (Look(recorded.Address), Resource.IsDirectory(recorded.Address)) switch
        {
            (Found.Absent, _) => "forgets it, as somebody deleted it",
            (Found.Folder, true) => "removes the directory, unless other files are in it",
            (Found.TextFile file, false) when Matches(file, recorded) => "removes the file",
            (Found.TextFile, false) => "removes the file, which somebody changed",
            _ => throw Refusals.Link(Resource.NameOf(recorded.Address)),
        };
        return new(PlannedAction.Delete, recorded.Address, false, summary);
    }

    private string? DriftOf(Recorded recorded) => (Look(recorded.Address), Resource.IsDirectory(recorded.Address)) switch
    {
        (Found.Absent, _) => $"{recorded.Address} is gone.",
        (Found.Folder, true) => null,
        (Found.TextFile file, false) when file.Digest != recorded.Digest =>
            $"{recorded.Address} has other content: digest {file.Digest?[..12] ?? "of a large file"}, recorded {recorded.Digest![..12]}.",
        (Found.TextFile file, false) when file.Mode != recorded.Mode =>
            $"{recorded.Address} has mode {Convert.ToString(file.Mode, 8)}, recorded {Convert.ToString(recorded.Mode ?? 0, 8)}.",
        (Found.TextFile, false) => null,
        _ => $"{recorded.Address} is a link or another kind of thing.",
    };

    public static bool Matches(Found.TextFile file, Recorded recorded) => file.Digest == recorded.Digest && file.Mode == recorded.Mode;

    private static string Preview(Resource resource) =>
        resource.Sensitive ? ", sensitive"
        : resource.Bytes().Length is > 0 and <= 40 ? $": \"{new UntrustedText(resource.Content!).Shown(40)}\"" : "";

    private bool IsOwnFile(string address) => _owned.ContainsKey(Resource.File + Resource.NameOf(address));

    private Found Look(string address) => world.Look(Resource.NameOf(address), limits.ContentBytes) is var found
        && found is Found.Blocked && IsBelowOwnFile(address) ? new Found.Absent() : found;

    // An own file that turns into a directory in the same plan is gone by the time that things are made below it.
    private bool IsBelowOwnFile(string address)
    {
        var path = Resource.NameOf(address);
        return _owned.Keys.Any(known => Resource.IsFile(known) && path.StartsWith(Resource.NameOf(known) + "/", StringComparison.Ordinal)
            && world.Look(Resource.NameOf(known), limits.ContentBytes) is Found.TextFile);
    }
}
