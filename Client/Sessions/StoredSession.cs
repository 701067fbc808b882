using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Maestro.Connection;
using Maestro.Identity;

namespace Maestro.Sessions;

/// <summary>A session of the person whose key lies on this machine, in a file beside that key which only its owner may read.</summary>
/// <param name="Issuer">Where it is from.</param>
/// <param name="Token">Whoever has it may read what the person may read.</param>
/// <param name="Refresh">What a new one can be had for without the person; null where the issuer gives none.</param>
internal sealed record StoredSession(string Issuer, string Token, string? Refresh)
{
    /// <summary>When it ends by what it says itself; the silo is who judges.</summary>
    public DateTimeOffset ExpiresAt => Claim("exp") is { ValueKind: JsonValueKind.Number } end && end.TryGetInt64(out var seconds)
        ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.MinValue;

    /// <summary>A claim of the token, as it says itself; null where it has none.</summary>
    public JsonElement? Claim(string name)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(Token.Split('.')[1]));
            return payload.RootElement.TryGetProperty(name, out var claim) ? claim.Clone() : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException or IndexOutOfRangeException or InvalidOperationException)
        {
            return null;
        }
    }

    public static string PathOf(string folder, string person) => Path.Combine(folder, $"{person}.session");

    /// <summary>The stored session; null where there is none.</summary>
    /// <exception cref="SentenceException">Others may read it.</exception>
    public static StoredSession? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        CheckOwnerOnly(path);
        try
        {
            return JsonSerializer.Deserialize<StoredSession>(File.ReadAllText(path)) is { Issuer: not null, Token: not null } session ? session : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="SentenceException">Others may look into the folder.</exception>
    public void Write(string path)
    {
        PrivateFile.ReplaceOwn(path, JsonSerializer.SerializeToUtf8Bytes(this));
        CheckOwnerOnly(path);
    }

    private static void CheckOwnerOnly(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (PrivateFile.IsOpenToOthers(path) || PrivateFile.IsFolderOpenToOthers(folder))
        {
            throw new SentenceException(
                $"Others may read {path}, and with it what you may read. Take it away from them with 'chmod 700 {folder}' and 'chmod 600 {path}', "
                    + "then end the session with: maestro logout",
                ExitCode.Refused);
        }
    }

    /// <summary>Without the token.</summary>
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Issuer);
        return true;
    }
}
