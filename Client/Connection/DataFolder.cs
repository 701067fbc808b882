namespace Maestro.Connection;

/// <summary>Where a silo of this machine keeps everything.</summary>
internal static class DataFolder
{
    public const string Variable = "MAESTRO_DATA";

    private const string BesideTheWork = ".maestro";

    /// <summary>What was asked for, else the variable, else <c>./.maestro</c> where it exists, else the person's own folder.</summary>
    public static string Find(string? asked) => Path.GetFullPath(
        Given(asked)
        ?? Given(Environment.GetEnvironmentVariable(Variable))
        ?? (Directory.Exists(BesideTheWork) ? BesideTheWork : Own()));

    private static string Own() => Path.Combine(
        Given(Environment.GetEnvironmentVariable("XDG_DATA_HOME"))
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
        "maestro");

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
