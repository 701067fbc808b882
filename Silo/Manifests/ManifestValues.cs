using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Maestro.Deployments;

namespace Maestro.Manifests;

/// <summary>Reads single values of a manifest. What is not as described is refused with line and column.</summary>
internal static partial class ManifestValues
{
    private const int MostArguments = 100;
    private const int LongestText = 4096;

    /// <exception cref="RefusedException">It is no whole number in this range.</exception>
    public static int Number(ManifestNode.Text? text, string key, int least, int most, int usual)
    {
        if (text is null)
        {
            return usual;
        }
        return text.IsPlain && int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw ManifestFaults.WrongValue(text, key, $"a whole number from {least} to {most}, without quotes");
    }

    /// <summary>A time such as <c>500ms</c>, <c>2s</c>, <c>15m</c> or <c>1h</c>.</summary>
    /// <exception cref="RefusedException">It is no time in this range.</exception>
    public static TimeSpan Time(ManifestNode.Text? text, string key, TimeSpan least, TimeSpan most, TimeSpan usual)
    {
        if (text is null)
        {
            return usual;
        }
        return TimeOf(text.Value) is { } time && time >= least && time <= most
            ? time
            : throw ManifestFaults.WrongValue(text, key, $"a time from {Written(least)} to {Written(most)}, such as 500ms, 2s, 15m or 1h");
    }

    /// <summary>A text that matches, at most 4,096 characters.</summary>
    /// <exception cref="RefusedException">It does not.</exception>
    public static string Text(ManifestNode.Text text, string key, string expected, Func<string, bool> isRight) =>
        !text.IsNothing && text.Value.Length <= LongestText && isRight(text.Value)
            ? text.Value
            : throw ManifestFaults.WrongValue(text, key, expected);

    /// <summary>A command as its arguments.</summary>
    /// <exception cref="RefusedException">It is one text, empty, or has something else than texts in it.</exception>
    public static ImmutableArray<string> Command(ManifestNode node, string key)
    {
        if (node is ManifestNode.Text { IsNothing: false } line)
        {
            throw ManifestFaults.At(
                line.At, "manifest.command-not-list", $"'{key}' must be a list of arguments: no shell takes a line apart.",
                "such as [sh, build.sh]",
                $"'{ManifestFaults.Shown(line.Value)}'", "Write each argument as an item of its own.");
        }
        if (node is not ManifestNode.Sequence { Items: { Length: > 0 and <= MostArguments } items })
        {
            throw ManifestFaults.WrongType(node, key, $"a list of 1 to {MostArguments} arguments, such as [sh, build.sh]");
        }
        return [.. items.Select((item, index) => Argument(item, key, index))];
    }

    /// <summary>A path inside the repository, with slashes.</summary>
    /// <exception cref="RefusedException">It is absolute, leaves the repository, or is not plain.</exception>
    public static string RelativePath(ManifestNode.Text text, string key) => Text(
        text, key, "a relative path inside the repository, with slashes and without '..'",
        value => value.Length is > 0 and <= 200 && !value.StartsWith('/') && !value.Contains('\\', StringComparison.Ordinal)
            && !value.Contains(':', StringComparison.Ordinal) && !value.Any(char.IsControl) && !value.StartsWith('~')
            && value.TrimEnd('/').Split('/').All(part => part is not ("" or ".." or ".git"))
            && value.Split('/').Any(part => part is not ("" or ".")));

    private static string Argument(ManifestNode node, string key, int index)
    {
        if (node is not ManifestNode.Text { IsNothing: false, Value.Length: <= LongestText } text
            || text.Value.Contains('\0', StringComparison.Ordinal))
        {
            throw ManifestFaults.WrongType(node, key, "a list of texts without NUL, at most 4,096 characters each");
        }
        return index > 0 || !string.IsNullOrWhiteSpace(text.Value)
            ? text.Value
            : throw ManifestFaults.WrongValue(text, key, "a list that begins with a program");
    }

    private static TimeSpan? TimeOf(string text)
    {
        if (Times().Match(text) is not { Success: true } match)
        {
            return null;
        }
        var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(number),
        };
    }

    private static string Written(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours}h"),
    };

    [GeneratedRegex(@"\A([0-9]{1,8})(ms|s|m|h)\z")]
    private static partial Regex Times();
}
