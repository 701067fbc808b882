using System.Collections.Immutable;
using Maestro.Deployments;
using Maestro.Outside;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Identity;

/// <summary>
/// Keys in a folder, see <see cref="KeyFolder"/>, read again when it changes. What the root did not sign, and a registry older than the
/// known one, is not believed: what was known stays. A registry that has expired makes every signature count for nothing.
/// </summary>
internal sealed partial class FileKeyring : IKeyring, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly string _root;
    private readonly ImmutableArray<Role> _roles;
    private readonly IDirectory _directory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<KeyFile> _opened = [];
    private volatile Held _held;
    private (DateTime, long, DateTime) _seen;
    private long _looked;

    private FileKeyring(string folder, string root, ImmutableArray<Role> roles, IDirectory directory, TimeProvider time, ILogger logger)
    {
        (_folder, _root, _roles, _directory, _time, _logger) = (folder, root, roles, directory, time, logger);
        (_seen, _looked) = (KeyFolder.Stamp(folder), time.GetTimestamp());
        _held = Hold(KeyFolder.Read(folder, root));
    }

    /// <summary>Opens the folder with the private keys of these roles only.</summary>
    /// <param name="root">The root's public key in base64, see <see cref="KeyRegistry.RootOf"/>.</param>
    /// <exception cref="OutsideException">The registry was changed, or a key is missing or is not the registered one.</exception>
    public static FileKeyring Open(
        string folder, string root, IEnumerable<Role> roles, IDirectory directory, TimeProvider? time = null, ILogger<FileKeyring>? logger = null)
    {
        var keyring = new FileKeyring(
            folder, root, [.. roles.Distinct()], directory, time ?? TimeProvider.System, (ILogger?)logger ?? NullLogger.Instance);
        foreach (var role in keyring._roles)
        {
            keyring.Own(role);
        }
        return keyring;
    }

    public byte[] Sign(Role role, ReadOnlySpan<byte> message) => Own(role).Sign(message);

    public byte[] PublicKeyOf(Role role)
    {
        var key = _roles.Contains(role) ? Own(role).PublicKey : KeysOf(role).FirstOrDefault(known => known.SignsAt(_time.GetUtcNow()))?.PublicKey;
        return key is not null ? Convert.FromBase64String(key) : throw Problem($"the key of {Principal.OfRole(role)}", "none in the registry");
    }

    public ImmutableArray<RegisteredKey> KeysOf(Role role)
    {
        var trusted = Current().Trusted;
        return _time.GetUtcNow() < trusted.ExpiresAt ? [.. trusted.Of(role)] : [];
    }

    public RegisteredKey? SignerOf(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var trusted = Current().Trusted;
        return _time.GetUtcNow() < trusted.ExpiresAt ? trusted.SignerOf(role, message, signature) : null;
    }

    public bool Verify(Role role, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        SignerOf(role, message, signature)?.SignsAt(_time.GetUtcNow()) is true;

    public bool VerifyPerson(string person, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _directory.Find(person) is { } found && KeyFile.Verify(found.PublicKey, message, signature);

    public void Dispose()
    {
        lock (_lock)
        {
            _opened.ForEach(key => key.Dispose());
        }
    }

    /// <summary>All private keys of the role that are here and sign now, also one that has a successor.</summary>
    public IEnumerable<KeyFile> OwnOf(Role role)
    {
        var now = _time.GetUtcNow();
        var held = Current();
        return KeysOf(role).Where(key => key.SignsAt(now))
            .Select(key => held.Own.FirstOrDefault(own => own.PublicKey == key.PublicKey)).OfType<KeyFile>();
    }

    /// <summary>The private key that the role signs with now.</summary>
    /// <exception cref="OutsideException">This silo has none.</exception>
    public KeyFile Own(Role role)
    {
        if (!_roles.Contains(role))
        {
            throw Problem($"the key of {Principal.OfRole(role)}", "a silo without that role");
        }
        var held = Current();
        var now = _time.GetUtcNow();
        // A new key is taken up once everybody can know of it, as long as the one before still signs.
        return KeysOf(role).Where(key => key.SignsAt(now)).OrderBy(key => key.From + Settled > now ? 1 : 0)
            .Select(key => held.Own.FirstOrDefault(own => own.PublicKey == key.PublicKey)).FirstOrDefault(own => own is not null)
            ?? throw Problem($"a private key that is registered for {Principal.OfRole(role)} and signs now",
                now < held.Trusted.ExpiresAt ? "none" : $"a registry that expired at {held.Trusted.ExpiresAt:u}");
    }

    private Held Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _looked)) < Pace)
        {
            return _held;
        }
        lock (_lock)
        {
            _looked = _time.GetTimestamp();
            // File systems stamp changes in coarse steps: what changed within the pace is looked at once more.
            if (KeyFolder.Stamp(_folder) is var stamp && stamp != _seen)
            {
                var newest = stamp.Registry > stamp.Joined ? stamp.Registry : stamp.Joined;
                _seen = (_time.GetUtcNow().UtcDateTime - newest).Duration() > Pace ? stamp : default;
                Look();
            }
            return _held;
        }
    }

    private void Look()
    {
        try
        {
            var found = KeyFolder.Read(_folder, _root);
            if (found.Number >= _held.Trusted.Number)
            {
                _held = Hold(found);
                return;
            }
            LogOlder(_folder, found.Number, _held.Trusted.Number);
        }
        catch (Exception unreadable) when (unreadable is OutsideException or IOException or UnauthorizedAccessException)
        {
            // What could not be read now may be read at the next look.
            _seen = default;
            LogNotBelieved(unreadable, _folder, _held.Trusted.Number);
        }
    }

    // Keys that were opened stay so: somebody may be signing with one.
    private Held Hold(TrustedKeys trusted)
    {
        ImmutableArray<KeyFile> own = [.. _roles.SelectMany(role => KeyFolder.Load(_folder, role))];
        _opened.AddRange(own);
        return new(trusted, own);
    }

    private static OutsideException Problem(string expected, string found) => new(new Reason(
        "keys.role", "A silo signs only with the registered keys of its own roles.", expected, found,
        "Let the silo join with a ticket for the role, have the root sign the registry anew, or restore the key file from a copy."));

    [LoggerMessage(Level = LogLevel.Error, Message = "The key registry in {Folder} has number {Found}, older than {Known}; the known one stays.")]
    private partial void LogOlder(string folder, long found, long known);

    [LoggerMessage(Level = LogLevel.Error, Message = "The key registry in {Folder} is not believed; the one with number {Known} stays.")]
    private partial void LogNotBelieved(Exception exception, string folder, long known);

    private sealed record Held(TrustedKeys Trusted, ImmutableArray<KeyFile> Own);
}
