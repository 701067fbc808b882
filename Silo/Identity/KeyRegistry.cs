using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The roles' public keys, as the root signed them.</summary>
/// <param name="Number">Rises with every change, so that an older registry cannot take a newer one's place.</param>
/// <param name="ExpiresAt">From here on it counts for nothing, and neither does anything that the keys signed, until the root signs a newer one.</param>
/// <param name="Tickets">Join tickets that were taken back, by id, and with them the keys that joined; see <see cref="JoinTicket"/>.</param>
internal sealed record KeyRegistry(
    long Number, ImmutableArray<RegisteredKey> Keys, DateTimeOffset ExpiresAt = default, ImmutableArray<string> Tickets = default)
{
    public const string RootKey = "root.key";
    public const string RootPublicKey = "root.pub";
    public const string RootOwner = "root";
    public const string FileName = "registry.json";

    /// <summary>How long a registry is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    private const string PayloadType = "application/vnd.maestro.key-registry+json";

    public static KeyRegistry Empty { get; } = new(0, [], default, []);

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

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <exception cref="OutsideException">It cannot be read, or the root did not sign what it says.</exception>
    public static KeyRegistry Read(string folder, string root) => Checked(SignedFile.Read<KeyRegistry>(PathIn(folder), PayloadType, root));

    /// <summary>The registry in an envelope.</summary>
    /// <exception cref="OutsideException">The root did not sign what it says.</exception>
    public static KeyRegistry Of(ReadOnlySpan<byte> envelope, string root) =>
        Checked(SignedFile.Of<KeyRegistry>(envelope, PayloadType, root, "A key registry"));

    /// <summary>Signs it under the next number and puts it in its place.</summary>
    public KeyRegistry Write(string folder, KeyFile root, DateTimeOffset now)
    {
        // What would not be read again must not be written.
        var written = Checked(this with { Number = Number + 1, ExpiresAt = now + Life });
        SignedFile.Write(PathIn(folder), PayloadType, written, root);
        return written;
    }

    /// <summary>The role's newest key that signs at this time; null where it has none.</summary>
    public RegisteredKey? Find(Role role, DateTimeOffset at) =>
        Keys.Where(key => key.Role == role && key.SignsAt(at)).MaxBy(key => key.From);

    public KeyRegistry With(RegisteredKey key) => this with { Keys = Keys.Add(key) };

    private static KeyRegistry Checked(KeyRegistry registry) =>
        registry.Number > 0 && registry.Keys.All(key => RegisteredKey.IsKey(key.PublicKey))
        && registry.Keys.DistinctBy(key => key.PublicKey).Count() == registry.Keys.Length
            ? registry with { Tickets = registry.Tickets.IsDefault ? [] : registry.Tickets }
            : throw new OutsideException(new Reason(
                "keys.registry", "Every key has one role.", "Ed25519 keys, each once", "something else", "Restore the registry from a copy."));
}
