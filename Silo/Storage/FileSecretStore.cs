using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>One sealed file per role, under a key that is derived for that role alone.</summary>
internal sealed partial class FileSecretStore(string folder, MasterKey master) : ISecretStore
{
    /// <summary>In bytes: 64 KiB a value.</summary>
    public const int Limit = 64 << 10;

    private readonly Lock _files = new();

    /// <summary>The store of a data folder; makes its master key at first use.</summary>
    public static FileSecretStore Of(DataFolder data) =>
        new(Path.Combine(data.Keys, "secrets"), MasterKey.Open(Path.Combine(data.Keys, "master")));

    public Task<byte[]?> GetAsync(Role role, string name, CancellationToken cancellation)
    {
        Check(role, name);
        return Task.Run(() => Read(role).GetValueOrDefault(name), cancellation);
    }

    public Task PutAsync(Role role, string name, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        Check(role, name);
        return value.Length > Limit
            ? throw Refuse("secret.too-large", "A secret is at most 64 KiB.", "at most 65536 bytes", $"{value.Length} bytes",
                "Store a smaller value.")
            : Task.Run(() => Change(role, secrets => secrets[name] = value.ToArray()), cancellation);
    }

    public Task DeleteAsync(Role role, string name, CancellationToken cancellation)
    {
        Check(role, name);
        return Task.Run(() => Change(role, secrets => secrets.Remove(name)), cancellation);
    }

    private void Change(Role role, Action<Dictionary<string, byte[]>> change)
    {
        lock (_files)
        {
            var secrets = Read(role);
            change(secrets);
            DurableFile.CreateFolder(folder);
            var content = JsonSerializer.SerializeToUtf8Bytes(secrets);
            DurableFile.Write(PathOf(role), SealedBytes.Seal(KeyOf(role), content, Place(role)));
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private Dictionary<string, byte[]> Read(Role role)
    {
        if (DurableFile.Read(PathOf(role)) is not { } stored)
        {
            return new(StringComparer.Ordinal);
        }
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, byte[]>>(SealedBytes.Open(KeyOf(role), stored, Place(role)))!;
        }
        catch (Exception failure) when (failure is CryptographicException or JsonException)
        {
            throw new OutsideException(new Reason(
                "secret.unreadable", "A role's secrets must be the ones that were stored.",
                $"the secrets of {role}, sealed by this folder's master key",
                "other bytes", "Restore the keys folder from a backup, or store the secrets again."), failure);
        }
    }

    private byte[] KeyOf(Role role) => master.For($"maestro.secrets.1/{role}");

    private string PathOf(Role role) => Path.Combine(folder, role.ToString());

    private static byte[] Place(Role role) => Encoding.UTF8.GetBytes($"maestro.secrets.1\n{role}");

    private static void Check(Role role, string name)
    {
        if (role == Role.None || !Enum.IsDefined(role))
        {
            throw Refuse("secret.role", "A secret belongs to a role.", "a role such as Custody", "none", "Name the role.");
        }
        if (!Name().IsMatch(name))
        {
            throw Refuse("secret.name", "A secret's name is plain.", "1 to 64 lower-case letters, digits, dots, dashes and underscores",
                $"a name of {name.Length} characters with others in it", "Choose another name.");
        }
    }

    private static RefusedException Refuse(string code, string rule, string expected, string found, string wayOut) =>
        new(new Reason(code, rule, expected, found, wayOut));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
