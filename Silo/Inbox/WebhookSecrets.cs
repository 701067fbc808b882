using System.Collections.Immutable;
using System.Security.Cryptography;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Inbox;

/// <summary>The secret of each source, read once from files that only their owner may read.</summary>
internal sealed class WebhookSecrets
{
    private const int Shortest = 32;
    private const int Longest = 4096;
    private readonly ImmutableDictionary<string, byte[]> _secrets;

    // Nobody has it, so what comes from an unknown source costs the same time and fits nothing.
    private readonly byte[] _nobodys = RandomNumberGenerator.GetBytes(Shortest);

    public WebhookSecrets(IEnumerable<KeyValuePair<string, byte[]>> secrets) => _secrets = secrets.ToImmutableDictionary(StringComparer.Ordinal);

    /// <exception cref="RefusedException"><c>webhook.secret</c>: a file is missing, open to others, too short or too long.</exception>
    public static WebhookSecrets Read(WebhookSettings settings) =>
        new(settings.Secrets.Select(secret => KeyValuePair.Create(secret.Key, Read(secret.Value))));

    public bool Knows(string source) => _secrets.ContainsKey(source);

    public byte[] Of(string source) => _secrets.GetValueOrDefault(source, _nobodys);

    private static byte[] Read(string path)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            throw Refused(path, "a file that only its owner may read (chmod 600)", "a file that others may read");
        }
        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[Longest + 1];
            var secret = content.AsSpan(0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)).TrimEnd("\r\n"u8);
            return secret.Length is >= Shortest and <= Longest ? secret.ToArray() : throw Refused(
                path, $"{Shortest} to {Longest} bytes", secret.Length > Longest ? "more" : $"{secret.Length} bytes");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, "a file that can be read", failure.Message);
        }
    }

    private static RefusedException Refused(string path, string expected, string found) => new(new Reason(
        "webhook.secret", $"The secret of webhooks is read from {path}.", expected, found,
        "Make one with: (umask 077; openssl rand -hex 32 > FILE)"));
}
