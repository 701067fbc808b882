using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Storage.Postgres;

/// <summary>What PostgreSQL keeps of a password (RFC 5803, SCRAM-SHA-256), made here so that the password itself is in no statement that it may log.</summary>
internal static class ScramVerifier
{
    private const int Rounds = 4096;
    private const int SaltBytes = 16;

    /// <param name="password">ASCII, so that there is nothing to normalise.</param>
    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes));

    public static string Of(string password, byte[] salt)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${Rounds}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
