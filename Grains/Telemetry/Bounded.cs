using System.Collections.Concurrent;

namespace Maestro.Telemetry;

/// <summary>
/// Values that are open in principle, such as codes in signed messages, as values of a closed set: plain words only, and after so many
/// different ones <see cref="Other"/>. Whoever holds a key cannot fill the metrics.
/// </summary>
public sealed class Bounded
{
    public const string Other = "other";
    public const int Most = 200;
    private const int Longest = 80;
    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);

    /// <summary>Codes of reasons.</summary>
    public static Bounded Codes { get; } = new();

    /// <summary>Methods of grains.</summary>
    public static Bounded Methods { get; } = new();

    public string Of(string? value) =>
        value is not null && (_known.ContainsKey(value) || (_known.Count < Most && IsPlain(value) && (_known.TryAdd(value, 0) || true))) ? value : Other;

    /// <summary>The value where it is a plain word, else <see cref="Other"/>.</summary>
    public static string Plain(string? value) => value is not null && IsPlain(value) ? value : Other;

    private static bool IsPlain(string value) =>
        value.Length is > 0 and <= Longest && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/');
}
