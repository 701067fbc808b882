using System.Collections.Immutable;
using System.Text;

namespace Maestro.Outside.Infrastructure;

/// <summary>What holds for every resource, whether a declaration or a plan brings it.</summary>
internal static class ResourceRules
{
    public const int DefaultMode = 0x1A4;

    private const int OwnerReadsAndWrites = 0x180;
    private const int Most = 0x1ED;

    /// <summary>From 0600 to 0755: the owner reads and writes, nobody else writes, and nothing runs as somebody else.</summary>
    public static bool IsMode(int mode) => (mode & OwnerReadsAndWrites) == OwnerReadsAndWrites && (mode & ~Most) == 0;

    public static string? ObjectionToPortName(string name) =>
        name.Length is >= 1 and <= 40 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && char.IsAsciiLetter(name[0])
            ? null
            : "it is not 1 to 40 small letters, digits and hyphens, beginning with a letter";

    /// <summary>Whether the text can be written in UTF-8: no half of a surrogate pair.</summary>
    public static bool IsText(string value)
    {
        for (var rest = value.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }
            rest = rest[consumed..];
        }
        return true;
    }

    /// <summary>What is wrong with the resources as a whole, as the end of a sentence, and where; null where nothing is.</summary>
    public static (string Address, string Objection)? Objection(ImmutableArray<Resource> resources, ImmutableArray<int> ports,
        DeclarationLimits limits)
    {
        if (resources.Length > limits.Resources)
        {
            return ("", $"there are {resources.Length} resources and may be {limits.Resources}");
        }
        var places = new Dictionary<string, Resource>(StringComparer.OrdinalIgnoreCase);
        var numbers = new HashSet<int>();
        foreach (var resource in resources)
        {
            var place = (Resource.IsPort(resource.Address) ? "port:" : "") + Resource.NameOf(resource.Address);
            var objection = One(resource, ports, limits)
                ?? (places.TryGetValue(place, out var other) ? Collision(resource, other) : null)
                ?? (resource.Number is { } number && !numbers.Add(number) ? $"port {number} has a name already" : null);
            if (objection is not null)
            {
                return (resource.Address, objection);
            }
            places.Add(place, resource);
        }
        return null;
    }

    private static string Collision(Resource resource, Resource other) => resource.Address == other.Address
        ? "it is declared twice"
        : $"it has the same place as '{Refusals.Shown(other.Address)}', or differs only in capital letters";

    private static string? One(Resource resource, ImmutableArray<int> ports, DeclarationLimits limits) => resource switch
    {
        { Number: { } number } when Resource.IsPort(resource.Address) && resource is { Content: null, Mode: null, Sensitive: false } =>
            ObjectionToPortName(Resource.NameOf(resource.Address))
                ?? (ports.Contains(number) ? null : $"port {number} is not registered for this environment"),
        { Content: { } content, Mode: { } mode, Number: null } when Resource.IsFile(resource.Address) =>
            WorldPath.Objection(Resource.NameOf(resource.Address))
            ?? (!IsMode(mode) ? "its mode is out of range" : null)
            ?? (!IsText(content) ? "its content is not text" : null)
            ?? (Encoding.UTF8.GetByteCount(content) > limits.ContentBytes
                ? $"its content has more than {limits.ContentBytes} bytes"
                : null),
        { Content: null, Mode: null, Number: null, Sensitive: false } when Resource.IsDirectory(resource.Address) =>
            WorldPath.Objection(Resource.NameOf(resource.Address)),
        _ => "it is no directory, file or port",
    };
}
