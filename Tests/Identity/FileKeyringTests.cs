using System.Text;
using Maestro.Outside;

namespace Maestro.Identity;

public sealed class FileKeyringTests : IDisposable
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("a message");

    private readonly Folder _folder = new();

    public FileKeyringTests() => new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Review]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_role_signs_and_only_its_own_key_verifies()
    {
        using var keyring = Open(Role.Control);
        var signature = keyring.Sign(Role.Control, Message);
        Assert.True(keyring.Verify(Role.Control, Message, signature));
        Assert.False(keyring.Verify(Role.Review, Message, signature));
        Assert.False(keyring.Verify(Role.Ledger, Message, signature));
        Assert.False(keyring.Verify(Role.Control, [.. Message, 0], signature));
        Assert.False(keyring.Verify(Role.Control, Message, signature.AsSpan(1)));
    }

    [Fact]
    public void A_silo_signs_only_as_the_roles_it_has()
    {
        using var keyring = Open(Role.Review);
        Assert.Equal("keys.role", Assert.Throws<OutsideException>(() => keyring.Sign(Role.Control, Message)).Reason.Code);
        using var both = Open(Role.Review, Role.Control);
        Assert.NotEmpty(both.Sign(Role.Control, Message));
    }

    [Fact]
    public void Keys_are_for_their_owner_only_and_stay_when_more_are_made()
    {
        using var before = Open(Role.Control);
        var signature = before.Sign(Role.Control, Message);
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Gateway]);
        using var after = Open(Role.Control, Role.Gateway);
        Assert.True(after.Verify(Role.Control, Message, signature));
        var files = Directory.GetFiles(_folder.Keys, "*.key");
        Assert.Equal(4, files.Length);
        Assert.All(files, path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(path)));
    }

    [Fact]
    public void A_changed_registry_refuses_the_start()
    {
        using var untouched = Open(Role.Control);
        var path = Path.Combine(_folder.Keys, "registry.json");
        var text = File.ReadAllText(path);
        var at = text.IndexOf("\"payload\":\"", StringComparison.Ordinal) + 30;
        File.WriteAllText(path, string.Concat(text.AsSpan(0, at), text[at] == 'A' ? "B" : "A", text.AsSpan(at + 1)));
        Assert.Equal("keys.signed-file", Assert.Throws<OutsideException>(() => Open(Role.Control)).Reason.Code);
        Assert.Throws<OutsideException>(() => new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Ledger]));
    }

    [Fact]
    public void A_registry_that_another_root_signed_counts_only_for_who_trusts_that_root()
    {
        var pinned = KeyRegistry.RootOf(_folder.Keys);
        Directory.Delete(_folder.Keys, recursive: true);
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control]);
        Assert.Throws<OutsideException>(() => FileKeyring.Open(_folder.Keys, pinned, [Role.Control], People(pinned)));
        using var unpinned = Open(Role.Control);
        Assert.NotNull(unpinned);
    }

    [Fact]
    public void Another_key_under_the_roles_name_refuses_the_start()
    {
        File.Delete(Path.Combine(_folder.Keys, "control.key"));
        using (KeyFile.Create(Path.Combine(_folder.Keys, "control.key"), "role:control"))
        {
            Assert.Equal("keys.role", Assert.Throws<OutsideException>(() => Open(Role.Control)).Reason.Code);
        }
        File.Copy(Path.Combine(_folder.Keys, "review.key"), Path.Combine(_folder.Keys, "control.key"), overwrite: true);
        Assert.Equal("keys.file", Assert.Throws<OutsideException>(() => Open(Role.Control)).Reason.Code);
    }

    [Fact]
    public void A_key_that_others_may_read_is_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are of Unix.");
        var path = Path.Combine(_folder.Keys, "control.key");
        SetMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal("keys.file", Assert.Throws<OutsideException>(() => Open(Role.Control)).Reason.Code);
        SetMode(path, UnixFileMode.UserRead);
        using var keyring = Open(Role.Control);
    }

    private FileKeyring Open(params Role[] roles)
    {
        var root = KeyRegistry.RootOf(_folder.Keys);
        return FileKeyring.Open(_folder.Keys, root, roles, People(root));
    }

    private RosterFile People(string root) => new(
        _folder.RosterPath, root, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<RosterFile>.Instance);

    private static UnixFileMode Mode(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
