using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Storage;

/// <summary>The key that all others in a data folder hang from: 32 random bytes in a file that only its owner may read.</summary>
internal sealed class MasterKey
{
    private static readonly Lock Making = new();
    private readonly byte[] _bytes;

    private MasterKey(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads the key, or makes one where there is none.</summary>
    /// <exception cref="OutsideException"><c>key.damaged</c>: the file is there and is not a key.</exception>
    public static MasterKey Open(string path)
    {
        var bytes = ReadOrMake(path);
        return bytes.Length == SealedBytes.KeyLength
            ? new MasterKey(bytes)
            : throw new OutsideException(new Reason(
                "key.damaged", "The master key must be the one that was made.", "a file of 32 bytes", $"'{path}' of another length",
                "Restore the key from a backup; without it nothing sealed can be read."));
    }

    // One at a time: of two stores that each made a key, one would seal with a key that is gone.
    private static byte[] ReadOrMake(string path)
    {
        lock (Making)
        {
            if (DurableFile.Read(path) is { } known)
            {
                return known;
            }
            var made = RandomNumberGenerator.GetBytes(SealedBytes.KeyLength);
            DurableFile.Write(path, made);
            return made;
        }
    }

    /// <summary>A key for one purpose; knowing it says nothing about the others.</summary>
    public byte[] For(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, SealedBytes.KeyLength, info: Encoding.UTF8.GetBytes(purpose));
}
