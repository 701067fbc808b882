using System.Collections.Frozen;

namespace Maestro.Outside.Infrastructure;

/// <summary>The rules for paths below an environment's world: plain names with plain characters, and no way out.</summary>
internal static class WorldPath
{
    /// <summary>Names beginning with this are files in the making.</summary>
    public const string Reserved = ".maestro-";

    private const int Longest = 400;
    private const int Deepest = 16;

    // Names that mean a device, or code that runs by itself, on some machine the folder may be copied to.
    private static readonly FrozenSet<string> ReservedNames = new[]
    {
        "con", "nul", "prn", "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", ".git", "lost+found",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with the path, as the end of a sentence; null where nothing is.</summary>
    public static string? Objection(string path)
    {
        if (path.Length is 0 or > Longest)
        {
            return $"it has {path.Length} characters and may have 1 to {Longest}";
        }
        var names = path.Split('/');
        return path[0] == '/' ? "it is absolute"
            : names.Length > Deepest ? $"it is deeper than {Deepest} folders"
            : names.Select(ObjectionToName).FirstOrDefault(objection => objection is not null);
    }

    private static string? ObjectionToName(string name) => name switch
    {
        "" => "it has an empty name",
        "." or ".." => $"it has the name '{name}', which leads elsewhere",
        { Length: > 100 } => "it has a name of more than 100 characters",
        _ when name.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase) => "it has a reserved name",
        _ when ReservedNames.Contains(name.Split('.') is [{ Length: > 0 } stem, ..] ? stem : name) => "it has a reserved name",
        _ when name.EndsWith('.') => "it has a name that ends with a full stop",
        _ when !name.All(IsPlain) => "it has characters other than letters, digits, '.', '_' and '-'",
        _ => null,
    };

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
