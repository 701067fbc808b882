using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>Everybody's public keys, as the root signed them.</summary>
/// <param name="Number">Rises with every change.</param>
internal sealed record KeyRegistry(long Number, ImmutableArray<RegisteredKey> Keys)
{
    public const string RootKey = "root.key";
    public const string RootPublicKey = "root.pub";
    public const string RootOwner = "root";

    private const string FileName = "registry.json";
    private const string PayloadType = "application/vnd.maestro.key-registry+json";

    public static KeyRegistry Empty { get; } = new(0, []);

    /// <summary>The root's public key as the folder has it. A silo may pin it elsewhere instead.</summary>
    /// <exception cref="OutsideException">There is none.</exception>
    public static string RootOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, RootPublicKey)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutsideException(
                new Reason("keys.root", "Every signature is traced to the root key.", $"{RootPublicKey} in {folder}", exception.Message,
                    "Restore the file from a copy, or start with an empty folder."),
                exception);
        }
    }

    public static KeyFile CreateRoot(string folder)
    {
        var root = KeyFile.Create(Path.Combine(folder, RootKey), RootOwner);
        PrivateFile.Replace(Path.Combine(folder, RootPublicKey), System.Text.Encoding.ASCII.GetBytes(root.PublicKey + "\n"));
        return root;
    }

    /// <exception cref="OutsideException">It cannot be read, or the root did not sign what it says.</exception>
    public static KeyRegistry Read(string folder, string root)
    {
        var registry = SignedFile.Read<KeyRegistry>(Path.Combine(folder, FileName), PayloadType, root);
        return registry.Keys.DistinctBy(key => key.Role).Count() == registry.Keys.Length && registry.Keys.All(key => IsKey(key.PublicKey))
            ? registry
            : throw new OutsideException(new Reason(
                "keys.registry", "Every role has one key.", "one Ed25519 key per role", "something else",
                "Restore the registry from a copy."));
    }

    public void Write(string folder, KeyFile root) =>
        SignedFile.Write(Path.Combine(folder, FileName), PayloadType, this with { Number = Number + 1 }, root);

    public string? Find(Role role) => Keys.FirstOrDefault(key => key.Role == role)?.PublicKey;

    public KeyRegistry With(Role role, string publicKey) => this with { Keys = Keys.Add(new(role, publicKey)) };

    private static bool IsKey(string text) => Base64Text.Decode(text) is { Length: 32 };
}

/// <param name="PublicKey">32 bytes in base64.</param>
internal sealed record RegisteredKey(Role Role, string PublicKey);
