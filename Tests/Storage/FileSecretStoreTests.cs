using Maestro.Identity;

namespace Maestro.Storage;

public sealed class FileSecretStoreTests : IDisposable
{
    private readonly DirectoryInfo _above = Directory.CreateTempSubdirectory("maestro-secrets-");
    private readonly DataFolder _data;
    private readonly FileSecretStore _secrets;

    public FileSecretStoreTests()
    {
        _data = DataFolder.Open(Path.Combine(_above.FullName, "data"));
        _secrets = FileSecretStore.Of(_data);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_belongs_to_its_role()
    {
        await _secrets.PutAsync(Role.Custody, "registry.token", Database.Bytes("one"), Cancellation);
        await _secrets.PutAsync(Role.Custody, "registry.token", Database.Bytes("two"), Cancellation);
        await _secrets.PutAsync(Role.Custody, "other", Database.Bytes("three"), Cancellation);
        Assert.Equal("two"u8.ToArray(), await FileSecretStore.Of(_data).GetAsync(Role.Custody, "registry.token", Cancellation));
        Assert.Null(await _secrets.GetAsync(Role.Review, "registry.token", Cancellation));
        await _secrets.DeleteAsync(Role.Custody, "registry.token", Cancellation);
        await _secrets.DeleteAsync(Role.Custody, "registry.token", Cancellation);
        Assert.Null(await _secrets.GetAsync(Role.Custody, "registry.token", Cancellation));
        Assert.NotNull(await _secrets.GetAsync(Role.Custody, "other", Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../master")]
    [InlineData("a/b")]
    [InlineData("A")]
    [InlineData(".hidden")]
    [InlineData("a\n")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234x")]
    public async Task A_name_that_is_not_plain_is_refused(string name)
    {
        await Expect.RefusedAsync("secret.name", () => _secrets.PutAsync(Role.Custody, name, new byte[1], Cancellation));
        await Expect.RefusedAsync("secret.name", () => _secrets.GetAsync(Role.Custody, name, Cancellation));
    }

    [Fact]
    public async Task Nobodys_role_and_too_large_a_value_are_refused()
    {
        await Expect.RefusedAsync("secret.role", () => _secrets.PutAsync(Role.None, "a", new byte[1], Cancellation));
        await Expect.RefusedAsync("secret.too-large", () => _secrets.PutAsync(Role.Custody, "a", new byte[65537], Cancellation));
    }

    [Fact]
    public async Task A_file_opens_neither_for_another_role_nor_when_it_was_changed()
    {
        await _secrets.PutAsync(Role.Custody, "token", Database.Bytes("hidden words"), Cancellation);
        var custody = Path.Combine(_data.Keys, "secrets", "Custody");
        Assert.True((await File.ReadAllBytesAsync(custody, Cancellation)).AsSpan().IndexOf("hidden"u8) < 0);
        File.Copy(custody, Path.Combine(_data.Keys, "secrets", "Review"));
        await Expect.BrokenAsync("secret.unreadable", () => _secrets.GetAsync(Role.Review, "token", Cancellation));

        var bytes = await File.ReadAllBytesAsync(custody, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(custody, bytes, Cancellation);
        await Expect.BrokenAsync("secret.unreadable", () => _secrets.GetAsync(Role.Custody, "token", Cancellation));
        await Expect.BrokenAsync("secret.unreadable", () => _secrets.PutAsync(Role.Custody, "token", new byte[1], Cancellation));
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            _secrets.PutAsync(Role.Custody, $"s{i}", new byte[] { (byte)i }, Cancellation)));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal((byte)i, Assert.Single(await _secrets.GetAsync(Role.Custody, $"s{i}", Cancellation) ?? []));
        }
    }

    public void Dispose()
    {
        _data.Dispose();
        _above.Delete(recursive: true);
    }
}
