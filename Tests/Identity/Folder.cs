namespace Maestro.Identity;

/// <summary>A temporary folder with keys, roster and people's own files, removed at the end.</summary>
internal sealed class Folder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("maestro-identity-").FullName;

    public string Keys => Path.Combine(_root, "keys");

    public string RosterPath => Path.Combine(_root, "people", "roster.json");

    public string Personal => Path.Combine(_root, "home");

    public string this[string name] => Path.Combine(_root, name);

    public PersonKey KeyOf(string person) => PersonKey.Load(Path.Combine(Personal, $"{person}.key"));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
