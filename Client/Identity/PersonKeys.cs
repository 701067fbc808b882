using Maestro.Connection;
using Maestro.Demo;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Where people's own keys are on this machine: in the person's configuration folder, apart for each data folder, and never in the silo's.
/// A demo keeps its people's keys beside its data folder, so that nothing is left of it.
/// </summary>
internal static class PersonKeys
{
    private const string Current = "current";

    public static string Folder(string data) => IsDemo(data)
        ? Path.Combine(data, "..", "keys")
        : Path.Combine(Configuration(), "maestro", Digest.Of(System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(data))).Abbreviated);

    /// <summary>From now on the console speaks for this person in this data folder.</summary>
    public static void Choose(string data, string person) => File.WriteAllText(Path.Combine(Folder(data), Current), person);

    /// <summary>The key of the person the console speaks for; null where nobody has logged in.</summary>
    /// <exception cref="SentenceException">The key is there and cannot be used.</exception>
    public static PersonKey? Load(string data)
    {
        var current = Path.Combine(Folder(data), Current);
        if (!File.Exists(current))
        {
            return null;
        }
        try
        {
            var person = File.ReadAllText(current).Trim();
            return Principal.IsPersonId(person) ? PersonKey.Load(Path.Combine(Folder(data), $"{person}.key")) : null;
        }
        catch (OutsideException unusable)
        {
            throw new SentenceException(unusable.Message, ExitCode.Refused);
        }
    }

    private static bool IsDemo(string data) => File.Exists(Path.Combine(data, "..", DemoSettings.MarkerFile));

    private static string Configuration() => Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } configured
        ? configured
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
}
