using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Keys in a folder: <c>{role}.key</c> for each role, <c>registry.json</c> with everybody's public keys signed by the root,
/// <c>root.pub</c>, and on a single machine <c>root.key</c> too. Whoever can read that one is the root:
/// take the file elsewhere, and pin the root's public key, to change that.
/// </summary>
internal sealed class FileKeyring : IKeyring, IDisposable
{
    private readonly ImmutableDictionary<Role, KeyFile> _own;
    private readonly KeyRegistry _registry;
    private readonly IDirectory _directory;

    private FileKeyring(ImmutableDictionary<Role, KeyFile> own, KeyRegistry registry, IDirectory directory) =>
        (_own, _registry, _directory) = (own, registry, directory);

    /// <summary>Opens the folder with the private keys of these roles only.</summary>
    /// <param name="root">The root's public key in base64, see <see cref="KeyRegistry.RootOf"/>.</param>
    /// <exception cref="OutsideException">The registry was changed, or a key is missing or is not the registered one.</exception>
    public static FileKeyring Open(string folder, string root, IEnumerable<Role> roles, IDirectory directory)
    {
        var registry = KeyRegistry.Read(folder, root);
        var own = ImmutableDictionary.CreateBuilder<Role, KeyFile>();
        foreach (var role in roles.Distinct())
        {
            var key = KeyFile.Load(PathOf(folder, role), Principal.OfRole(role));
            own.Add(role, key);
            if (registry.Find(role) != key.PublicKey)
            {
                throw Problem($"the registered key of {Principal.OfRole(role)}", "another one");
            }
        }
        return new FileKeyring(own.ToImmutable(), registry, directory);
    }

    /// <summary>Makes what is missing of root key, role keys and registry. A registered key is never replaced.</summary>
    /// <exception cref="OutsideException">Something is there and does not fit the rest.</exception>
    public static void CreateMissing(string folder, IEnumerable<Role> roles)
    {
        var path = Path.Combine(folder, KeyRegistry.RootKey);
        var isNew = !File.Exists(path) && !File.Exists(Path.Combine(folder, KeyRegistry.RootPublicKey));
        using var root = isNew ? KeyRegistry.CreateRoot(folder) : null;
        var registry = isNew ? KeyRegistry.Empty : KeyRegistry.Read(folder, KeyRegistry.RootOf(folder));
        var missing = roles.Distinct().Where(role => registry.Find(role) is null).ToArray();
        if (missing.Length == 0 && !isNew)
        {
            return;
        }
        foreach (var role in missing)
        {
            using var key = File.Exists(PathOf(folder, role))
                ? KeyFile.Load(PathOf(folder, role), Principal.OfRole(role))
                : KeyFile.Create(PathOf(folder, role), Principal.OfRole(role));
            registry = registry.With(role, key.PublicKey);
        }
        using var signer = root is null ? KeyFile.Load(path, KeyRegistry.RootOwner) : null;
        registry.Write(folder, root ?? signer!);
    }

    public byte[] Sign(Role role, ReadOnlySpan<byte> message) => _own.TryGetValue(role, out var key)
        ? key.Sign(message)
        : throw Problem($"the key of {Principal.OfRole(role)}", "a silo without that role");

    public byte[] PublicKeyOf(Role role) => _registry.Find(role) is { } key
        ? Convert.FromBase64String(key)
        : throw Problem($"the key of {Principal.OfRole(role)}", "none in the registry");

    public bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _registry.Find(role) is { } key && KeyFile.Verify(key, message, signature);

    public bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _directory.Find(person) is { } found && KeyFile.Verify(found.PublicKey, message, signature);

    public void Dispose()
    {
        foreach (var key in _own.Values)
        {
            key.Dispose();
        }
    }

    private static string PathOf(string folder, Role role) => Path.Combine(folder, $"{Principal.Name(role)}.key");

    private static OutsideException Problem(string expected, string found) => new(new Reason(
        "keys.role", "A silo signs only with the registered keys of its own roles.", expected, found,
        "Give the silo the role, or restore the role's key file from a copy."));
}
