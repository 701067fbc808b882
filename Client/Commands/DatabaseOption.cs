using System.CommandLine;

namespace Maestro.Commands;

/// <summary>Which PostgreSQL database is meant. A command line can be read by others, so a password belongs into the environment.</summary>
internal static class DatabaseOption
{
    public const string Variable = "MAESTRO_DATABASE";

    public static Option<string?> Create() => new("--database")
    {
        Description = $"PostgreSQL instead of SQLite, such as \"Host=db;Database=maestro\". Default: ${Variable}, which can hold a password.",
        HelpName = "TEXT",
    };

    /// <summary>The text as it was given; null where SQLite is meant.</summary>
    public static string? Of(ParseResult parsed, Option<string?> option) =>
        new[] { parsed.GetValue(option), Environment.GetEnvironmentVariable(Variable) }.FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));
}
