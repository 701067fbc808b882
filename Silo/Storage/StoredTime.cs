using System.Globalization;

namespace Maestro.Storage;

/// <summary>Times as the database keeps them: UTC as text of fixed width, so that they sort as they are and lose nothing.</summary>
internal static class StoredTime
{
    public static string ToText(this DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">The text is not a stored time.</exception>
    public static DateTimeOffset Parse(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
