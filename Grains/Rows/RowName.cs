using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Maestro.Identity;

namespace Maestro.Rows;

/// <summary>A stored row, and what the ledger calls it.</summary>
/// <param name="Role">Whose key signs it.</param>
/// <param name="State">The name of the state, such as <c>environment</c>.</param>
/// <param name="Key">The grain's key.</param>
public sealed record RowName(Role Role, string State, string Key)
{
    /// <summary>Keys of facts that tell of rows begin so; each role tells of its own alone.</summary>
    public const string Facts = "row/";

    /// <summary>Keys of facts that say that a person accepts a row begin so.</summary>
    public const string Accepted = "row-accepted/";

    /// <summary>The kind of the fact that a row took a number.</summary>
    public const string Written = "row.written";

    /// <summary>What stands for a row that is not there.</summary>
    public const string Nothing = "nothing";

    private const char Separator = '#';

    /// <summary>The beginning of the keys of a role's facts about rows.</summary>
    public static string Of(Role role) => $"{Facts}{Principal.Name(role)}/";

    /// <summary>The key of the fact that the row took this number. Zeros before it, so that the newest is the last.</summary>
    public string FactKey(long number) => string.Create(CultureInfo.InvariantCulture, $"{this}{Separator}{number:D12}");

    /// <summary>The key of the fact that a person accepts a row with this digest at this number, and no other.</summary>
    public string AcceptanceKey(long number, string digest) =>
        string.Create(CultureInfo.InvariantCulture, $"{Accepted}{ToString()[Facts.Length..]}{Separator}{number:D12}/{digest}");

    /// <summary>The row with this name; null where it is none.</summary>
    public static RowName? Parse(string text) =>
        text.StartsWith(Facts, StringComparison.Ordinal) && text[Facts.Length..].Split('/', 3) is [var role, { Length: > 0 } state, { Length: > 0 } key]
            && !key.Contains(Separator, StringComparison.Ordinal) && Principal.RoleOf($"role:{role}") is { } known
            ? new(known, state, key) : null;

    /// <summary>The number that a fact's key names; null where it names none.</summary>
    public static long? NumberIn(string factKey) =>
        factKey.Split(Separator) is [_, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : null;

    /// <summary>All keys of facts about the row are after the first and before the second.</summary>
    public (string After, string Before) Range => ($"{this}{Separator}", $"{this}{(char)(Separator + 1)}");

    public override string ToString() => $"{Of(Role)}{State}/{Key}";

    /// <summary>The digest of a mark or of a row, in hexadecimal.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <inheritdoc cref="DigestOf(ReadOnlySpan{byte})"/>
    public static string DigestOf(string mark) => DigestOf(Encoding.UTF8.GetBytes(mark));
}
